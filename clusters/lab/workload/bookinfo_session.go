package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

const sessionCookie = "session"

// The same in every replica, as in the sample: a session must outlive the pod that began it.
var sessionKey = []byte("a session of the stand-ins of Bookinfo")

// userOf is who has logged in; nobody where the cookie is none of ours.
func userOf(request *http.Request) string {
	cookie, err := request.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	name, signature, _ := strings.Cut(cookie.Value, ".")
	user, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil || !hmac.Equal([]byte(signature), []byte(sign(name))) {
		return ""
	}
	return string(user)
}

func login(writer http.ResponseWriter, request *http.Request) {
	name := base64.RawURLEncoding.EncodeToString([]byte(request.FormValue("username")))
	setSession(writer, &http.Cookie{Value: name + "." + sign(name)})
	back(writer, request)
}

func logout(writer http.ResponseWriter, request *http.Request) {
	setSession(writer, &http.Cookie{MaxAge: -1})
	back(writer, request)
}

func setSession(writer http.ResponseWriter, cookie *http.Cookie) {
	cookie.Name, cookie.Path, cookie.HttpOnly = sessionCookie, "/", true
	http.SetCookie(writer, cookie)
}

// back sends the browser where it came from.
func back(writer http.ResponseWriter, request *http.Request) {
	page := request.Referer()
	if page == "" {
		page = "/productpage"
	}
	http.Redirect(writer, request, page, http.StatusFound)
}

func sign(name string) string {
	signer := hmac.New(sha256.New, sessionKey)
	signer.Write([]byte(name))
	return base64.RawURLEncoding.EncodeToString(signer.Sum(nil))
}
