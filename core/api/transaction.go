package api

import (
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Transaction is a payment, payout or refund as clients see it. Absent text is
// "", an absent object or time is null.
type Transaction struct {
	ID              string            `json:"id" doc:"Prefixed id: pay_, out_ or ref_ by kind"`
	Kind            string            `json:"kind" enum:"payment,payout,refund"`
	Merchant        string            `json:"merchant"`
	State           string            `json:"state" enum:"created,awaiting_approval,processing,requires_action,unknown,review,succeeded,failed,canceled,expired,reversed" doc:"Where it stands. unknown means that nobody knows yet whether money moved: never pay again because of it"`
	Reference       string            `json:"reference" doc:"The merchant's own reference"`
	Amount          string            `json:"amount" doc:"Decimal in major units" example:"5000"`
	Currency        string            `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	AmountReceived  string            `json:"amount_received" doc:"What the providers confirmed"`
	RefundedAmount  string            `json:"refunded_amount" doc:"What succeeded refunds gave back"`
	Country         string            `json:"country"`
	Method          string            `json:"method"`
	Network         string            `json:"network"`
	Provider        string            `json:"provider" doc:"The account that took the money, else the one asked now or last"`
	NextAction      *NextAction       `json:"next_action" doc:"What somebody must do now, or null"`
	Reason          *Reason           `json:"reason" doc:"Why it is where it is, or null"`
	Late            bool              `json:"late" doc:"The success came after the transaction had ended or gone on"`
	DuplicateRisk   bool              `json:"duplicate_risk" doc:"An operator abandoned an attempt and tried again"`
	Decision        *Decision         `json:"decision" doc:"What a person decided, or null"`
	Payment         string            `json:"payment" doc:"Of a refund: the id of the payment that is given back"`
	PaymentAttempt  string            `json:"payment_attempt" doc:"Of a refund: the attempt that took the money"`
	Manual          bool              `json:"manual" doc:"Only recorded: a refund that was given back outside, or what an operator says was sent before the store was restored"`
	Rule            string            `json:"rule" doc:"The routing rule that matched"`
	RulesGeneration uint64            `json:"rules_generation"`
	Attempts        []Attempt         `json:"attempts" nullable:"false"`
	Customer        Customer          `json:"customer" doc:"The payer; of a payout the recipient"`
	BankAccount     *BankAccount      `json:"bank_account" doc:"Where a bank payout goes, masked, or null"`
	Metadata        map[string]string `json:"metadata"`
	CreatedAt       time.Time         `json:"created_at"`
	UpdatedAt       time.Time         `json:"updated_at"`
	ExpiresAt       *time.Time        `json:"expires_at" doc:"End of the time to pay, or null"`
	History         []HistoryEntry    `json:"history,omitempty" nullable:"false" doc:"Only with ?expand=history"`
	Routing         *Routing          `json:"routing,omitempty" doc:"Only with ?expand=routing: why it went where it went"`
}

// Customer is the payer or recipient, as far as it is shown.
type Customer struct {
	ID    string `json:"id"`
	Phone string `json:"phone" doc:"Masked" example:"+225•••••3456"`
}

// BankAccount is where a payout goes, as far as it is shown: its holder is not,
// of its numbers the last four characters.
type BankAccount struct {
	IBAN          string `json:"iban" doc:"Masked" example:"•••••3000"`
	BankCode      string `json:"bank_code"`
	AccountNumber string `json:"account_number" doc:"Masked" example:"•••••6789"`
}

// Attempt is one try at one provider account. Amount, currency, status and code
// are the provider's words.
type Attempt struct {
	ID             string     `json:"id"`
	Number         int        `json:"number" doc:"From 1"`
	Provider       string     `json:"provider"`
	Ref            string     `json:"ref" doc:"Our reference at the provider"`
	ProviderRef    string     `json:"provider_ref" doc:"The provider's own id"`
	State          string     `json:"state" enum:"sent,requires_action,pending,unknown,succeeded,not_sent,rejected,declined,canceled,expired,reversed,mismatch,abandoned"`
	Outcome        string     `json:"outcome" enum:"UNKNOWN,NOT_SENT,REJECTED,DECLINED,DECLINED_FINAL,PENDING,REQUIRES_ACTION,SUCCEEDED,CANCELED,EXPIRED,REVERSED"`
	Amount         string     `json:"amount" doc:"As the provider told it, empty if it did not"`
	Currency       string     `json:"currency"`
	ProviderStatus string     `json:"provider_status"`
	ProviderCode   string     `json:"provider_code"`
	Message        string     `json:"message"`
	PaidWith       string     `json:"paid_with"`
	StartedAt      time.Time  `json:"started_at"`
	EndedAt        *time.Time `json:"ended_at"`
}

// NextAction is what the customer, or for external the merchant, must do.
type NextAction struct {
	Type         string     `json:"type" enum:"redirect,prompt,transfer,signup,external"`
	URL          string     `json:"url,omitempty" doc:"redirect and signup: where to send the customer"`
	Message      string     `json:"message,omitempty" doc:"prompt and external: what to do"`
	Instructions string     `json:"instructions,omitempty" doc:"transfer: how to pay"`
	Account      string     `json:"account,omitempty" doc:"transfer: where to"`
	Amount       string     `json:"amount,omitempty" doc:"transfer: exactly this much"`
	Currency     string     `json:"currency,omitempty"`
	Until        *time.Time `json:"until,omitempty" doc:"transfer: the last moment"`
}

// Reason says why a transaction is where it is; Code is a stable word.
type Reason struct {
	Code            string `json:"code"`
	Message         string `json:"message"`
	ProviderCode    string `json:"provider_code"`
	ProviderMessage string `json:"provider_message"`
}

// Decision is what a person or merchant decided.
type Decision struct {
	Kind   string    `json:"kind" enum:"approve,reject,cancel"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// TransactionOf returns what clients may see of tx.
func TransactionOf(tx core.Transaction) Transaction {
	words := maskerOf(tx)
	return Transaction{
		ID: tx.ID, Kind: string(tx.Kind), Merchant: tx.Merchant, State: tx.State.String(), Reference: tx.Reference,
		Amount: tx.Amount.Decimal(), Currency: tx.Amount.Currency().String(),
		AmountReceived: decimalIn(tx.Received, tx.Amount.Currency()),
		RefundedAmount: decimalIn(tx.Refunded, tx.Amount.Currency()),
		Country:        tx.Country, Method: tx.Method, Network: tx.Network,
		Provider: providerOf(tx), NextAction: nextActionOf(tx), Reason: words.reason(tx.Reason),
		Late: tx.Late, DuplicateRisk: tx.DuplicateRisk, Decision: words.decision(tx.Decision),
		Payment: tx.Parent, PaymentAttempt: tx.ParentAttempt, Manual: tx.Manual,
		Rule: tx.Route.Rule, RulesGeneration: tx.Route.Generation, Attempts: words.attempts(tx.Attempts),
		Customer:    Customer{ID: tx.Customer.ID, Phone: MaskPhone(tx.Customer.Phone)},
		BankAccount: bankAccountOf(tx.BankAccount), Metadata: metadataOf(tx.Metadata), CreatedAt: shown(tx.CreatedAt), UpdatedAt: shown(tx.UpdatedAt),
		ExpiresAt: shownOrNull(tx.ExpiresAt),
	}
}

func bankAccountOf(account *sdk.BankAccount) *BankAccount {
	if account == nil {
		return nil
	}
	return &BankAccount{
		IBAN: maskNumber(account.IBAN), BankCode: account.BankCode, AccountNumber: maskNumber(account.AccountNumber),
	}
}

// decimalIn writes a as an amount of c, also where a is the zero value of no currency.
func decimalIn(a money.Amount, c money.Currency) string {
	if a.IsZero() {
		return money.Zero(c).Decimal()
	}
	return a.Decimal()
}

// providerOf names the account that took the money, else the live attempt's,
// else the last one's, else the one that was asked for.
func providerOf(tx core.Transaction) string {
	for _, a := range tx.Attempts {
		if a.State == core.AttemptSucceeded || a.State == core.AttemptReversed {
			return a.Account
		}
	}
	if live, ok := tx.Live(); ok {
		return live.Account
	}
	if last, ok := tx.Last(); ok {
		return last.Account
	}
	return tx.Provider
}

// nextActionOf shows an action only while somebody should still act: an attempt
// that another one overtook may be live with a link that must not be paid.
func nextActionOf(tx core.Transaction) *NextAction {
	if tx.State.Final() || tx.State == core.StateReview {
		return nil
	}
	return actionOf(tx.NextAction())
}

func actionOf(action *sdk.NextAction) *NextAction {
	if action == nil {
		return nil
	}
	shownAction := NextAction{
		Type: string(action.Type), URL: action.URL, Message: action.Message, Instructions: action.Instructions,
		Account: action.Account, Until: shownOrNull(action.Until),
	}
	if action.Type == sdk.ActionTransfer && !action.Amount.IsZero() {
		shownAction.Amount, shownAction.Currency = action.Amount.Decimal(), action.Amount.Currency().String()
	}
	return &shownAction
}

func (m masker) attempts(attempts []core.Attempt) []Attempt {
	list := make([]Attempt, 0, len(attempts))
	for _, a := range attempts {
		list = append(list, Attempt{
			ID: a.ID, Number: a.Number, Provider: a.Account, Ref: a.Ref, ProviderRef: a.ProviderRef,
			State: a.State.String(), Outcome: a.Outcome.String(), Amount: a.Told.Amount, Currency: a.Told.Currency,
			ProviderStatus: m.text(a.ProviderStatus), ProviderCode: m.text(a.ProviderCode),
			Message: m.text(a.Message), PaidWith: m.text(a.PaidWith),
			StartedAt: shown(a.StartedAt), EndedAt: shownOrNull(a.EndedAt),
		})
	}
	return list
}

func (m masker) reason(r *core.Reason) *Reason {
	if r == nil {
		return nil
	}
	return &Reason{
		Code: string(r.Code), Message: m.text(r.Message),
		ProviderCode: m.text(r.ProviderCode), ProviderMessage: m.text(r.ProviderMessage),
	}
}

func (m masker) decision(d *core.Decision) *Decision {
	if d == nil {
		return nil
	}
	return &Decision{Kind: string(d.Kind), Actor: d.Actor, Reason: m.text(d.Reason), At: shown(d.At)}
}

func metadataOf(metadata map[string]string) map[string]string {
	if metadata == nil {
		return map[string]string{}
	}
	return metadata
}

// shown is how a time goes out: UTC, to the millisecond.
func shown(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func shownOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	at := shown(t)
	return &at
}
