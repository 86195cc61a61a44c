package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

const limitDefault = 50

// listed is a transfer as the API tells it.
type listed struct {
	ID        string    `json:"id"`
	UserID    string    `json:"userId"`
	Amount    string    `json:"amount"`
	Currency  string    `json:"currency"`
	Status    string    `json:"status,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
}

// pageOf is the answer of transactions.
type pageOf struct {
	Data  []listed `json:"data"`
	Page  int      `json:"page"`
	Limit int      `json:"limit"`
	Total int      `json:"total"`
}

// query is what a list read asks for.
type query struct {
	page, limit int
	user        string
	from, to    time.Time
}

func (s *Server) readQuery(r *http.Request, at place) (query, error) {
	q := query{page: 1, limit: limitDefault, user: at.value(r, "userId")}
	for name, into := range map[string]*int{"page": &q.page, "limit": &q.limit} {
		text := at.value(r, name)
		if text == "" {
			continue
		}
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			return query{}, fmt.Errorf("%s must be a number above 0", name)
		}
		*into = number
	}
	for name, into := range map[string]*time.Time{"from": &q.from, "to": &q.to} {
		text := at.value(r, name)
		if text == "" {
			continue
		}
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return query{}, fmt.Errorf("%s must be a time of RFC 3339", name)
		}
		*into = moment
	}
	q.limit = min(q.limit, s.options.PageMax)
	return q, nil
}

// list answers transactions; the caller holds the lock.
func (s *Server) list(r *http.Request, at place) sandboxkit.Answer {
	if len(s.troubled) > 0 {
		status := s.troubled[0]
		s.troubled = s.troubled[1:]
		return troubledAnswer(status)
	}
	q, err := s.readQuery(r, at)
	if err != nil {
		return refusal(http.StatusBadRequest, err.Error())
	}
	if s.options.PageShift && q.page > 1 {
		s.shift()
	}
	rows := s.rows(q)
	begin := min((q.page-1)*q.limit, len(rows))
	end := min(begin+q.limit, len(rows))
	page := pageOf{Data: []listed{}, Page: q.page, Limit: q.limit, Total: len(rows)}
	for _, t := range rows[begin:end] {
		t.Listed++
		page.Data = append(page.Data, s.told(t))
	}
	return sandboxkit.JSON(http.StatusOK, page)
}

// shift lets a transfer of somebody else come in.
func (s *Server) shift() {
	user := s.userOf("+905559999999")
	s.add(Order{UserID: user.ID}, money.Of(100, money.USD))
}

// rows are the transfers that the query is about, in the order of the list.
func (s *Server) rows(q query) []*transfer {
	now := s.stage.Now()
	rows := slices.DeleteFunc(slices.Clone(s.transfers), func(t *transfer) bool {
		if t.trigger.late && now.Before(t.CreatedAt.Add(s.options.Window)) {
			return true
		}
		created := t.CreatedAt.Add(t.trigger.ahead)
		outside := created.Before(q.from) || !q.to.IsZero() && created.After(q.to)
		return q.user != "" && t.UserID != q.user || outside && !s.options.IgnoreRange
	})
	slices.SortStableFunc(rows, func(a, b *transfer) int { return b.CreatedAt.Compare(a.CreatedAt) })
	if slices.ContainsFunc(rows, func(t *transfer) bool { return t.trigger.reordered }) {
		slices.Reverse(rows)
	}
	return twice(rows, q.limit)
}

// twice lists a transfer of .05 again a page later, or at the end of a list that
// is shorter.
func twice(rows []*transfer, limit int) []*transfer {
	all := slices.Clone(rows)
	for _, t := range rows {
		if t.trigger.twice {
			all = slices.Insert(all, min(slices.Index(all, t)+limit, len(all)), t)
		}
	}
	return all
}

// told is the transfer as the list tells it.
func (s *Server) told(t *transfer) listed {
	row := listed{
		ID: t.ID, UserID: t.UserID, Amount: t.Amount, Currency: t.Currency,
		Status: t.status(s.stage.Now()), CreatedAt: t.CreatedAt.Add(t.trigger.ahead),
	}
	if t.trigger.amountOff {
		row.Amount = money.Of(t.amount.Minor()+100, t.amount.Currency()).Decimal()
	}
	if t.trigger.otherCurr {
		row.Currency = "EUR"
		if t.Currency == row.Currency {
			row.Currency = "USD"
		}
	}
	if t.trigger.unmarked {
		row.Status = ""
	}
	return row
}
