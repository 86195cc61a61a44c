package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// User is a customer of Cenoa.
type User struct {
	ID    string `json:"userId"`
	Phone string `json:"phone"`
	// Email is the whole address; the API tells it masked.
	Email string `json:"email"`
}

// Errors of AddUser, Send and SetStatus.
var (
	// ErrUnknownUser says that no user has the id: look the phone up, or add it, first.
	ErrUnknownUser = sandboxkit.Refusal(http.StatusNotFound, "no user with this userId")
	// ErrUnknownTransfer says that no transfer has the id.
	ErrUnknownTransfer = sandboxkit.Refusal(http.StatusNotFound, "no transfer with this id")
	// ErrBadUser says that a phone or an e-mail cannot be one.
	ErrBadUser = errors.New("not a user")
	// ErrBadTransfer says that an amount, a currency or a status cannot be one.
	ErrBadTransfer = errors.New("not a transfer")
)

// AddUser makes a user of the phone, which counts more than its ending, or
// changes the e-mail of one. It returns ErrBadUser.
func (s *Server) AddUser(phone, email string) (User, error) {
	if !validPhone(phone) {
		return User{}, fmt.Errorf("sandbox: %w: phone: give + and 8 to 15 digits", ErrBadUser)
	}
	if email != "" && !strings.Contains(email, "@") {
		return User{}, fmt.Errorf("sandbox: %w: email: give an address", ErrBadUser)
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	user := s.userOf(phone)
	if email != "" {
		user.Email = email
	}
	return *user, nil
}

func validPhone(phone string) bool {
	digits, ok := strings.CutPrefix(phone, "+")
	return ok && len(digits) >= 8 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
}

// userOf is the user of the phone, who begins to exist with the first question.
func (s *Server) userOf(phone string) *User {
	if user, ok := s.byPhone[phone]; ok {
		return user
	}
	sum := sha256.Sum256([]byte(phone))
	user := &User{ID: "usr_" + hex.EncodeToString(sum[:6]), Phone: phone, Email: "jane@example.com"}
	s.users = append(s.users, user)
	s.byPhone[phone], s.byUser[user.ID] = user, user
	return user
}

// account is the answer of user_account.
type account struct {
	UserID *string `json:"userId"`
	Email  string  `json:"email,omitempty"`
	Phone  string  `json:"phone"`
}

// lookUp answers user_account; the caller holds the lock.
func (s *Server) lookUp(r *http.Request, at place) sandboxkit.Answer {
	phone := at.value(r, "phone")
	if !validPhone(phone) {
		return refusal(http.StatusBadRequest, "phone must be in E.164 form")
	}
	var trigger accountTrigger
	if _, added := s.byPhone[phone]; !added {
		trigger = accountTriggerOf(phone)
	}
	switch {
	case trigger.dropped:
		return sandboxkit.Answer{Dropped: true}
	case trigger.nobody:
		return sandboxkit.JSON(http.StatusOK, account{Phone: phone})
	case trigger.status != 0:
		s.troubled = nil
		for range trigger.listToo {
			s.troubled = append(s.troubled, trigger.status)
		}
		return troubledAnswer(trigger.status)
	}
	user := s.userOf(phone)
	return sandboxkit.JSON(http.StatusOK, account{UserID: &user.ID, Email: masked(user.Email), Phone: phone})
}

// refusal is the body that errors are assumed to have.
func refusal(status int, message string) sandboxkit.Answer {
	return sandboxkit.JSON(status, map[string]string{"message": message})
}

// troubledAnswer is an answer of an account that is in trouble.
func troubledAnswer(status int) sandboxkit.Answer {
	a := refusal(status, strings.ToLower(http.StatusText(status)))
	if status == http.StatusTooManyRequests {
		a.Header = http.Header{"Retry-After": {strconv.Itoa(retryAfterSeconds)}}
	}
	return a
}

// masked shows the first letter of an address and its domain.
func masked(email string) string {
	name, domain, _ := strings.Cut(email, "@")
	return string([]rune(name)[:min(1, len([]rune(name)))]) + "***@" + domain
}
