package main

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk/money"
)

// rowsOf reads all rows, and the fault that ended them.
func rowsOf(rows iter.Seq2[api.StatementRow, error]) ([]api.StatementRow, error) {
	var all []api.StatementRow
	for row, err := range rows {
		if err != nil {
			return all, err
		}
		all = append(all, row)
	}
	return all, nil
}

func utc() fileFormat { return fileFormat{Zone: time.UTC} }

func TestAStatementFileIsRead(t *testing.T) {
	t.Parallel()
	at := func(text string) *time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &moment
	}
	paid := api.StatementRow{Line: 2, Reference: "r1", Amount: "50.00", Currency: "EUR", State: "succeeded", Status: "succeeded"}
	with := func(change func(*api.StatementRow)) []api.StatementRow {
		row := paid
		change(&row)
		return []api.StatementRow{row}
	}
	for name, test := range map[string]struct {
		text   string
		format fileFormat
		want   []api.StatementRow
	}{
		"only a header": {text: "reference,amount,status\n"},
		"comma":         {text: "reference,amount,currency,status\nr1,50.00,EUR,succeeded\n", want: []api.StatementRow{paid}},
		"semicolon":     {text: "reference;amount;currency;status\nr1;50.00;EUR;succeeded", want: []api.StatementRow{paid}},
		"tab, CRLF and a byte order mark": {
			text: "\ufeffreference\tamount\tcurrency\tstatus\r\nr1\t50.00\tEUR\tsucceeded\r\n", want: []api.StatementRow{paid},
		},
		"quoted, and space around": {text: "\"reference\", amount ,currency,status\n\"r1\",  50.00,\"eur\",Succeeded \n", want: with(func(r *api.StatementRow) { r.Status = "Succeeded" })},
		"columns in any order, others besides": {
			text: "fee,STATUS,amount,note,Reference,currency\n1,succeeded,50.00,\"a\nb\",r1,EUR\n", want: []api.StatementRow{paid},
		},
		"names of their own": {
			text:   "Our id;Total;Etat\nr1;50,00;ACCEPTED\n",
			format: fileFormat{Columns: map[string]string{"reference": "our ID", "amount": "Total", "status": "Etat"}, States: map[string]string{"accepted": "succeeded"}, Currency: "EUR", DecimalComma: true},
			want:   with(func(r *api.StatementRow) { r.Status = "ACCEPTED" }),
		},
		"no status, all the same": {
			text: "reference,amount,currency\nr1,50.00,EUR\n", format: fileFormat{States: map[string]string{"*": "succeeded"}},
			want: with(func(r *api.StatementRow) { r.Status = "" }),
		},
		"a kind": {
			text: "reference,amount,currency,status,kind\nr1,50.00,EUR,succeeded,Deposit\n", format: fileFormat{Kinds: map[string]string{"deposit": "payment"}},
			want: with(func(r *api.StatementRow) { r.Kind = "payment" }),
		},
		"a time with its zone": {
			text: "reference,amount,currency,status,created_at\nr1,50.00,EUR,succeeded,2026-11-01T10:00:00+02:00\n",
			want: with(func(r *api.StatementRow) { r.CreatedAt = at("2026-11-01T08:00:00Z") }),
		},
		"a time of the zone given": {
			text: "reference,amount,currency,status,created_at\nr1,50.00,EUR,succeeded,2026-11-01 10:00:00\n", format: fileFormat{Zone: time.FixedZone("there", 3600)},
			want: with(func(r *api.StatementRow) { r.CreatedAt = at("2026-11-01T09:00:00Z") }),
		},
		"only the provider's reference": {
			text: "provider_reference,amount,currency,status\np1,50.00,EUR,succeeded\n",
			want: with(func(r *api.StatementRow) { r.Reference, r.ProviderReference = "", "p1" }),
		},
		"an empty line between": {text: "reference,amount,currency,status\n\nr1,50.00,EUR,succeeded\n", want: with(func(r *api.StatementRow) { r.Line = 3 })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.format.Zone == nil {
				test.format.Zone = time.UTC
			}
			got, err := rowsOf(readStatement(strings.NewReader(test.text), test.format))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFaultInAFileIsNamedByItsPlace(t *testing.T) {
	t.Parallel()
	const head = "reference,amount,currency,status,created_at\n"
	good := "r1,50.00,EUR,succeeded,2026-11-01\n"
	for name, test := range map[string]struct {
		text string
		want string
	}{
		"empty":                   {"", "line 1: the file is empty"},
		"no reference":            {"amount,status\n", "line 1: no column reference"},
		"no amount":               {"reference,status\n", "line 1: no column amount"},
		"two of one name":         {"reference,amount,Amount,status\n", "line 1: two columns have the name of amount"},
		"no status":               {"reference,amount\n", "line 1: no column status"},
		"nothing names it":        {head + ",50.00,EUR,succeeded,\n", "line 2: neither reference"},
		"a cell too few":          {head + good + "r1,50.00\n", "line 3: has another number of cells"},
		"a quote too many":        {head + "r1,\"50\"00,EUR,succeeded,\n", "line 2, column 7"},
		"a comma before decimals": {head + "r1,\"50,00\",EUR,succeeded,\n", "line 2, column 4: amount has a comma: say --decimal-comma"},
		"no amount there":         {head + "r1,,EUR,succeeded,\n", "line 2, column 4: amount is empty"},
		"a sign":                  {head + "r1,-50.00,EUR,succeeded,\n", "line 2, column 4: amount is no amount of EUR"},
		"a decimal too many":      {head + "r1,50.005,EUR,succeeded,\n", "line 2, column 4: amount is no amount of EUR"},
		"no such currency":        {head + "r1,50.00,CFA,succeeded,\n", "line 2, column 10: currency is no ISO 4217 code"},
		"a word without meaning":  {head + good + "r1,50.00,EUR,ACCEPTED,\n", "line 3, column 14: status is the word \"ACCEPTED\", which means nothing yet: say --status"},
		"a status that is empty":  {head + "r1,50.00,EUR,,\n", "line 2, column 14: status is empty"},
		"no time":                 {head + "r1,50.00,EUR,succeeded,yesterday\n", "line 2, column 24: created_at is no time"},
		"not printable":           {head + "r\x01,50.00,EUR,succeeded,\n", "line 2, column 1: reference has a character"},
		"not UTF-8":               {head + "r\xff,50.00,EUR,succeeded,\n", "line 2, column 1: reference is not UTF-8"},
		"long":                    {head + strings.Repeat("r", 256) + ",50.00,EUR,succeeded,\n", "line 2, column 1: reference has more than 255"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := rowsOf(readStatement(strings.NewReader(test.text), utc())); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	format := utc()
	format.DecimalComma = true
	_, err := rowsOf(readStatement(strings.NewReader("reference;amount;status\nr1;1.234,00;succeeded\n"), format))
	if err == nil || !strings.Contains(err.Error(), "line 2, column 4: amount has a point") {
		t.Errorf("thousands: %v", err)
	}
	format = utc()
	format.Columns = map[string]string{"amount": "Total"}
	if _, err = rowsOf(readStatement(strings.NewReader(head), format)); err == nil || !strings.Contains(err.Error(), "that --column gives for amount") {
		t.Errorf("a column that is not there: %v", err)
	}
}

// No part of a card or a phone is repeated, wherever it stands.
func TestAFaultRepeatsNothingOfWhatStandsThere(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"4111111111111111", "+2250707123456", "4111 1111 1111 1111"} {
		for column := range 5 {
			cells := []string{"r1", "50.00", "EUR", "succeeded", "2026-11-01"}
			cells[column] = secret
			text := "reference,amount,currency,status,created_at\n" + strings.Join(cells, ",") + "\n"
			_, err := rowsOf(readStatement(strings.NewReader(text), utc()))
			if err != nil && strings.Contains(err.Error(), secret[len(secret)-6:]) {
				t.Errorf("%v", err)
			}
			if err == nil && column > 0 && column != 1 {
				t.Errorf("%s is taken in column %d", secret, column)
			}
		}
	}
}

// endless is a file of rows without an end.
type endless struct {
	row  string
	left string
}

func (e *endless) Read(into []byte) (int, error) {
	if e.left == "" {
		e.left = e.row
	}
	n := copy(into, e.left)
	e.left = e.left[n:]
	return n, nil
}

func TestAFileIsBounded(t *testing.T) {
	t.Parallel()
	const header = "provider_reference,amount,status\n"
	for name, test := range map[string]struct{ begin, row, want string }{
		"in rows":  {header, "p,1,pending\n", "more than 1000000 rows"},
		"in bytes": {header, strings.Repeat("p", 200) + ",1,pending\n", "larger than 50 MiB"},
		"in one":   {header + `"`, strings.Repeat("p", 1<<20), "larger than 50 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, fault := 0, error(nil)
			for _, err := range readStatement(io.MultiReader(strings.NewReader(test.begin), &endless{row: test.row}), utc()) {
				rows, fault = rows+1, err
			}
			if fault == nil || !strings.Contains(fault.Error(), test.want) || rows > statementRowsMax+1 {
				t.Errorf("after %d rows: %v, want %q", rows, fault, test.want)
			}
		})
	}
}

func FuzzStatementFile(f *testing.F) {
	f.Add("reference,amount,currency,status,created_at\nr1,50.00,EUR,succeeded,2026-11-01\n", false)
	f.Add("\ufeffreference;amount;status;kind\nr1;\"50,00\";pending;payout\n", true)
	f.Add("provider_reference\tamount\tstatus\np\t1\tunknown\n\"", false)
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		format := utc()
		format.DecimalComma = comma
		rows, err := rowsOf(readStatement(strings.NewReader(text), format))
		if err != nil && !strings.Contains(err.Error(), "line ") {
			t.Errorf("a fault without a place: %v", err)
		}
		for _, row := range rows {
			if row.Reference == "" && row.ProviderReference == "" || !slices.Contains(api.StatementStates(), row.State) || row.Line < 2 {
				t.Errorf("%+v", row)
			}
			if row.Currency == "" {
				continue
			}
			currency, err := money.ParseCurrency(row.Currency)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := money.ParseTold(row.Amount, currency); err != nil {
				t.Errorf("%+v: %v", row, err)
			}
		}
	})
}

func BenchmarkStatementFile(b *testing.B) {
	var text strings.Builder
	text.WriteString("reference,amount,currency,status,created_at\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "%025d,50.00,EUR,succeeded,2026-11-01T10:00:00Z\n", i)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := rowsOf(readStatement(strings.NewReader(text.String()), utc())); err != nil {
			b.Fatal(err)
		}
	}
}
