package record

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// wordsMax bounds the words that a PastReader keeps: there are far fewer accounts,
// countries, methods and merchants than that.
const wordsMax = 4096

// PastReader reads the pasts of transactions, and nothing else of them: a fifth of
// what DecodeTransaction costs. It keeps the words that return in every record,
// and is for one goroutine. The zero value is ready.
type PastReader struct {
	words   map[string]string
	present map[presence]map[string]bool
	seen    presence
}

// presence is a set of request fields that are there, a bit each.
type presence uint32

// The bits of a presence: those of a customer are its fields' numbers.
const (
	presentReference presence = 1 << (16 + iota)
	presentCountry
	presentNetwork
	presentDescription
	presentReturnURL
	presentLanguage
	presentBankAccount
	presentRecipient // Not a field: the customer is a recipient too.
)

// Read reads what EncodeTransaction wrote into p, whose list and maps of metadata
// are used again; its Present may be shared with other pasts. It returns
// core.ErrInvalidRecord for a damaged record; invariants are not checked.
func (r *PastReader) Read(data []byte, p *core.Past) error {
	payload, err := unseal(data)
	if err != nil {
		return err
	}
	metadata := p.Sample.Metadata
	clear(metadata)
	*p = core.Past{Sample: core.Sample{Metadata: metadata}, Attempts: p.Attempts[:0]}
	r.seen = 0
	if err := members(payload, func(field protowire.Number, value scalar) error { return r.member(p, field, value) }); err != nil {
		return err
	}
	if p.Sample.Kind == sdk.KindPayout {
		r.seen |= presentRecipient
	}
	p.Sample.Present = r.fields(r.seen)
	return nil
}

// The numbers of the fields below are those of record.proto.
func (r *PastReader) member(p *core.Past, field protowire.Number, v scalar) error {
	s := &p.Sample
	switch field {
	case 2:
		s.ID = string(v.bytes)
	case 3:
		s.Kind = sdk.Kind(r.word(v.bytes))
	case 4:
		s.Merchant = r.word(v.bytes)
	case 5:
		r.there(presentReference, v)
	case 6:
		return amountFrom(v.bytes, &s.Amount)
	case 9:
		s.Country = r.word(v.bytes)
		r.there(presentCountry, v)
	case 10:
		s.Method = r.word(v.bytes)
	case 11:
		s.Network = r.word(v.bytes)
		r.there(presentNetwork, v)
	case 12:
		r.there(presentDescription, v)
	case 13:
		return r.customer(s, v.bytes)
	case 14:
		return r.bankAccount(v.bytes)
	case 15:
		r.there(presentReturnURL, v)
	case 16:
		r.there(presentLanguage, v)
	case 17:
		return r.metadata(s, v.bytes)
	case 20:
		s.Provider = r.word(v.bytes)
	case 21:
		return r.route(p, v.bytes)
	case 22:
		return r.attempt(p, v.bytes)
	case 27:
		p.Manual = v.number != 0
	case 33:
		p.CreatedAt = instant(int64(v.number))
		if s.At.IsZero() { // The time of the route, which comes first, goes before.
			s.At = p.CreatedAt
		}
	}
	return nil
}

func (r *PastReader) there(what presence, v scalar) {
	if len(v.bytes) > 0 {
		r.seen |= what
	}
}

func (r *PastReader) customer(s *core.Sample, data []byte) error {
	return members(data, func(field protowire.Number, v scalar) error {
		if field <= customerLast {
			r.there(1<<(field-1), v)
		}
		if field == 1 {
			s.Customer = string(v.bytes)
		}
		return nil
	})
}

// customerLast is the number of the last of a customer's fields that an account may need.
const customerLast = 11

// customerFields are the customer's fields in the order of their numbers.
func customerFields() [customerLast]string {
	return [...]string{
		"id", "name", "surname", "email", "phone", "address", "city", "state", "zip_code", "country", "provider_customer",
	}
}

// bankAccount has one that names an account: by its IBAN (1) or its number (3).
func (r *PastReader) bankAccount(data []byte) error {
	return members(data, func(field protowire.Number, v scalar) error {
		if field == 1 || field == 3 {
			r.there(presentBankAccount, v)
		}
		return nil
	})
}

func (r *PastReader) metadata(s *core.Sample, data []byte) error {
	var name, value string
	err := members(data, func(field protowire.Number, v scalar) error {
		if field == 1 {
			name = r.word(v.bytes)
		} else {
			value = string(v.bytes)
		}
		return nil
	})
	if s.Metadata == nil {
		s.Metadata = map[string]string{}
	}
	s.Metadata[name] = value
	return err
}

func (r *PastReader) route(p *core.Past, data []byte) error {
	first := true
	return members(data, func(field protowire.Number, v scalar) error {
		switch field {
		case 3:
			if first {
				p.Chosen, first = r.word(v.bytes), false
			}
		case 9:
			p.Sample.At = instant(int64(v.number))
		case 11:
			p.Sample.Card = v.number != 0
		}
		return nil
	})
}

func (r *PastReader) attempt(p *core.Past, data []byte) error {
	a := core.PastAttempt{State: core.AttemptState(none)}
	err := members(data, func(field protowire.Number, v scalar) error {
		switch field {
		case 3:
			a.Account = r.word(v.bytes)
		case 7:
			a.State = word(attemptStates(), AttemptState(v.number), core.AttemptState(none))
		case 14:
			a.Reason = sdk.Reason(r.word(v.bytes))
		case 22:
			a.EndedAt = instant(int64(v.number))
		}
		return nil
	})
	p.Attempts = append(p.Attempts, a)
	return err
}

// word returns a text that is likely to come again.
func (r *PastReader) word(text []byte) string {
	if known, ok := r.words[string(text)]; ok {
		return known
	}
	fresh := string(text)
	if r.words == nil {
		r.words = map[string]string{}
	}
	if len(r.words) < wordsMax {
		r.words[fresh] = fresh
	}
	return fresh
}

// fields returns the names of what is there.
func (r *PastReader) fields(seen presence) map[string]bool {
	if known, ok := r.present[seen]; ok {
		return known
	}
	fresh := map[string]bool{}
	for bit, name := range map[presence]string{
		presentReference: "reference", presentCountry: "country", presentNetwork: "network",
		presentDescription: "description", presentReturnURL: "return_url", presentLanguage: "language",
		presentBankAccount: "recipient.bank_account",
	} {
		if seen&bit != 0 {
			fresh[name] = true
		}
	}
	for i, name := range customerFields() {
		if seen&(1<<i) != 0 {
			fresh["customer."+name] = true
			if seen&presentRecipient != 0 {
				fresh["recipient."+name] = true
			}
		}
	}
	if r.present == nil {
		r.present = map[presence]map[string]bool{}
	}
	if len(r.present) < wordsMax {
		r.present[seen] = fresh
	}
	return fresh
}

// scalar is the value of a field as it stands in a message.
type scalar struct {
	bytes  []byte
	number uint64
}

// members calls use with every field of a message.
func members(data []byte, use func(protowire.Number, scalar) error) error {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return unreadable(n)
		}
		data = data[n:]
		var v scalar
		switch kind {
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(data)
		default:
			n = protowire.ConsumeFieldValue(field, kind, data)
		}
		if n < 0 {
			return unreadable(n)
		}
		data = data[n:]
		if err := use(field, v); err != nil {
			return err
		}
	}
	return nil
}

func unreadable(code int) error {
	return fmt.Errorf("record: %w: %w", core.ErrInvalidRecord, protowire.ParseError(code))
}

func amountFrom(data []byte, a *money.Amount) error {
	var minor int64
	var currency money.Currency
	err := members(data, func(field protowire.Number, v scalar) error {
		switch field {
		case 1:
			minor = protowire.DecodeZigZag(v.number)
		case 2:
			currency = money.Currency(v.number)
		}
		return nil
	})
	*a = money.Of(minor, currency)
	return err
}
