package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// readItems reads the list in the form field data. The code says why it cannot.
func readItems(c call) (items []fields, code string) {
	form, ok := readForm(c)
	if !ok {
		return nil, "704"
	}
	if err := json.Unmarshal([]byte(form.Get("data")), &items); err != nil {
		return nil, "718"
	}
	if len(items) == 0 || slices.ContainsFunc(items, func(item fields) bool { return item == nil }) {
		return nil, "716"
	}
	return items, ""
}

// addContacts is POST /v1/transfer/contact.
func (s *Server) addContacts(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if code := s.sessionObjection(c.request.URL.Query()); code != "" {
		return transferRefusal(code)
	}
	items, code := readItems(c)
	if code != "" {
		return transferRefusal(code)
	}
	told := make([]map[string]any, len(items))
	for i, item := range items {
		if refused, ok := receiverForm(item); !ok {
			return refused
		}
		told[i] = s.addContact(item)
	}
	return transferAnswer([]any{told})
}

// receiverForm refuses a whole call for a receiver that is not written as CinetPay wants it.
func receiverForm(item fields) (sandboxkit.Answer, bool) {
	if item.text("prefix") == "" || item.text("phone") == "" {
		return transferRefusal("716"), false
	}
	if !validLocalPhone(item.text("phone")) {
		reply := transferReply{Code: http.StatusExpectationFailed, Message: messageOf("417"), Data: []any{}}
		return sandboxkit.JSON(http.StatusExpectationFailed, reply), false
	}
	return sandboxkit.Answer{}, true
}

func (s *Server) addContact(item fields) map[string]any {
	number := item.text("prefix") + item.text("phone")
	told := map[string]any{"prefix": item.text("prefix"), "phone": item.text("phone")}
	for _, name := range []string{"name", "surname", "email"} {
		if item.text(name) == "" {
			return refusedItem(told, "716")
		}
		told[name] = item.text(name)
	}
	if _, served := countryOf(item.text("prefix")); !served {
		return refusedItem(told, "802")
	}
	if s.contacts[number] {
		return refusedItem(told, "726")
	}
	s.contacts[number] = true
	told["code"], told["status"], told["lot"] = 0, "success", strconv.FormatInt(s.stage.Next(), 10)
	return told
}

// refusedItem marks one item of a call that as a whole is well.
func refusedItem(told map[string]any, code string) map[string]any {
	number, _ := strconv.Atoi(code) // the codes are this package's own
	told["code"], told["status"] = number, messageOf(code)
	return told
}
