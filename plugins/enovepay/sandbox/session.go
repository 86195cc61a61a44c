package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// sessionLife is how long a login token opens the API.
const sessionLife = time.Hour

// authorize is the operation auth.
func (s *Server) authorize(c call) sandboxkit.Answer {
	var asked struct {
		ClientID        string `json:"client_id"`
		ClientSecretKey string `json:"client_secret_key"`
	}
	if json.Unmarshal(c.body, &asked) != nil {
		return s.enveloped(codeBadInput, nil)
	}
	if asked.ClientID != ClientID || asked.ClientSecretKey != ClientSecretKey {
		return s.enveloped(codeBadLogin, nil)
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	sum := sha256.Sum256([]byte("session:" + strconv.FormatInt(s.stage.Next(), 10)))
	token := hex.EncodeToString(sum[:20])
	s.sessions[token] = s.stage.Now().Add(sessionLife)
	return s.enveloped(codeHandled, map[string]any{
		"access_token": token, "expires_in": int64(sessionLife / time.Second),
	})
}

// admitted reports whether the call carries the account's token or a living
// one of a login. The caller holds the lock.
func (s *Server) admitted(c call) bool {
	token, bearer := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	if bearer && token == APIToken {
		return true
	}
	end, known := s.sessions[token]
	return bearer && known && s.stage.Now().Before(end)
}
