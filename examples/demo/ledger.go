package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/paymux/paymux/core/api"
)

// place is where a payment, payout or transfer is: at an account, under the
// reference that it has there.
type place struct{ account, ref string }

// row is what a provider's ledger holds of it.
type row struct {
	Amount, Currency, Status string
	// Paid says that the money moved.
	Paid bool
	// Created counts what was made under the reference, CreateCalls how often it
	// was asked for, and Checks how often it was asked about.
	Created, CreateCalls, Checks int
}

// ledgers are the ledgers of all providers.
func (s *stage) ledgers(ctx context.Context) (map[place]row, error) {
	rows := map[place]row{}
	for _, read := range []func(context.Context, map[place]row) error{
		s.cinetpayLedger, s.enovepayLedger, s.numipayLedger, s.cenoaLedger, s.acmepayLedger,
	} {
		if err := read(ctx, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (s *stage) cinetpayLedger(ctx context.Context, rows map[place]row) error {
	ledger, err := s.sandboxes.CinetPay.Ledger(ctx)
	for _, p := range ledger.Payments {
		rows[place{accountCinetPay, p.Ref}] = row{p.Amount, p.Currency, p.Status, p.Paid, p.Created, p.CreateCalls, p.Checks}
	}
	for _, t := range ledger.Transfers {
		rows[place{accountCinetPay, t.Ref}] = row{t.Amount, t.Currency, t.Status, t.Paid, t.Created, t.CreateCalls, t.Checks}
	}
	return err
}

func (s *stage) enovepayLedger(ctx context.Context, rows map[place]row) error {
	ledger, err := s.sandboxes.EnovePay.Ledger(ctx)
	for _, t := range ledger.Transactions {
		rows[place{accountEnovePay, t.Ref}] = row{t.Amount, t.Currency, t.Status, t.Paid, t.Created, t.CreateCalls, t.Checks}
	}
	return err
}

func (s *stage) numipayLedger(ctx context.Context, rows map[place]row) error {
	ledger, err := s.sandboxes.Numipay.Ledger(ctx)
	for _, t := range ledger.Transactions {
		rows[place{accountNumipay, t.Ref}] = row{t.Amount, t.Currency, t.Status, t.Paid, t.Created, t.CreateCalls, t.Checks}
	}
	return err
}

// cenoaLedger holds what customers sent. Nobody asks Cenoa to create anything.
func (s *stage) cenoaLedger(ctx context.Context, rows map[place]row) error {
	ledger, err := s.sandboxes.Cenoa.Ledger(ctx)
	for _, t := range ledger.Transfers {
		rows[place{accountCenoa, t.ID}] = row{t.Amount, t.Currency, t.Status, t.Paid, 1, 1, t.Listed}
	}
	return err
}

// acmepayLedger holds nothing before AcmePay was added.
func (s *stage) acmepayLedger(ctx context.Context, rows map[place]row) error {
	if s.acmepay == nil {
		return nil
	}
	ledger, err := s.acmepay.Ledger(ctx)
	for _, entry := range slices.Concat(ledger.Payments, ledger.Refunds) {
		at := place{accountAcmePay, entry.Reference}
		rows[at] = row{
			Amount: entry.Amount, Currency: entry.Currency, Status: entry.Status,
			Paid:    entry.Status == "paid" || entry.Status == "refunded",
			Created: rows[at].Created + 1, CreateCalls: ledger.CreateCalls[entry.Reference],
		}
	}
	return err
}

// createdOnce looks into the ledger: one, and nobody asked for a second.
func (s *stage) createdOnce(ctx context.Context, tx api.Transaction) error {
	rows, err := s.ledgers(ctx)
	if err != nil {
		return err
	}
	last := tx.Attempts[len(tx.Attempts)-1]
	found := rows[place{last.Provider, last.Ref}]
	s.story.tell(providerOf(last.Provider), "was asked to create %s %d time, created %d, was asked about it %d times",
		last.Ref, found.CreateCalls, found.Created, found.Checks)
	if found.CreateCalls != 1 || found.Created != 1 {
		return fmt.Errorf("%s was created more than once, or never", tx.ID)
	}
	return nil
}
