package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"time"
)

// pair is a certificate with its key, as PEM.
type pair struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// certificate prints a certificate for one host that is its own authority, valid for a day, as one JSON line.
func certificate(arguments []string) {
	if len(arguments) != 1 {
		fail("expected one host, got %d arguments", len(arguments))
	}
	made, err := selfSigned(arguments[0], time.Now())
	if err != nil {
		fail("%v", err)
	}
	json.NewEncoder(os.Stdout).Encode(made)
}

func selfSigned(host string, now time.Time) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: host},
		DNSNames:     []string{host},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:         true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return pair{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, err
	}
	block := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return pair{block("CERTIFICATE", signed), block("PRIVATE KEY", secret)}, nil
}
