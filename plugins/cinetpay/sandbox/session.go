package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// sessionLife is how long a login token opens the transfer API.
const sessionLife = 5 * time.Minute

// transferReply is the envelope of transfer v1. CinetPay writes Code as a number when all is well
// and as a string when it is not.
type transferReply struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

func transferAnswer(data any) sandboxkit.Answer {
	return sandboxkit.JSON(http.StatusOK, transferReply{Code: 0, Message: messageOf("0"), Data: data})
}

// transferRefusal is an answer to a call that is refused as a whole.
func transferRefusal(code string) sandboxkit.Answer {
	return sandboxkit.JSON(http.StatusBadRequest, transferReply{Code: code, Message: messageOf(code), Data: []any{}})
}

// login is POST /v1/auth/login.
func (s *Server) login(c call) sandboxkit.Answer {
	form, ok := readForm(c)
	if !ok || form.Get("apikey") != APIKey || form.Get("password") != TransferPassword {
		return transferRefusal("701")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	sum := sha256.Sum256([]byte("session:" + strconv.FormatInt(s.stage.Next(), 10)))
	token := hex.EncodeToString(sum[:20])
	s.sessions[token] = s.stage.Now().Add(sessionLife)
	return transferAnswer(map[string]string{"token": token})
}

// readForm reads a form body, which is the only kind that transfer v1 takes.
func readForm(c call) (url.Values, bool) {
	if !hasType(c.request, formType) {
		return nil, false
	}
	form, err := url.ParseQuery(string(c.body))
	return form, err == nil
}

// sessionObjection is the code that refuses a call without a living token in its query, or an
// empty code. The caller holds the lock.
func (s *Server) sessionObjection(query url.Values) string {
	end, known := s.sessions[query.Get("token")]
	switch {
	case !known:
		return "706"
	case !s.stage.Now().Before(end):
		return "705"
	}
	switch query.Get("lang") {
	case "", "fr", "en":
		return ""
	}
	return "704"
}
