package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/paymux/paymux/core/api"
)

const (
	// statementBytesMax and statementRowsMax bound a file.
	statementBytesMax = 50 << 20
	statementRowsMax  = 1_000_000
	// cellMax is the most characters of a cell that is read.
	cellMax = 255
	// headerMax is how much of a file is looked at for its separator.
	headerMax = 16 << 10
	// anyWord maps the words that have no meaning of their own.
	anyWord = "*"
)

// The columns that a statement file may have.
const (
	columnReference         = "reference"
	columnProviderReference = "provider_reference"
	columnAmount            = "amount"
	columnCurrency          = "currency"
	columnStatus            = "status"
	columnCreatedAt         = "created_at"
	columnKind              = "kind"
)

func statementColumns() []string {
	return []string{
		columnReference, columnProviderReference, columnAmount, columnCurrency, columnStatus, columnCreatedAt, columnKind,
	}
}

// fileFormat says how a statement file is to be read.
type fileFormat struct {
	// Columns are the names in the header, by ours; those that are not named are called as ours.
	Columns map[string]string
	// States are what the file's words of a status mean, Kinds what those of a kind do.
	States, Kinds map[string]string
	// Currency is that of rows without one.
	Currency     string
	DecimalComma bool
	// Zone is that of times without one.
	Zone *time.Location
}

// statementFile reads the rows of a file.
type statementFile struct {
	format  fileFormat
	csv     *csv.Reader
	columns map[string]int
	cells   []string
}

// readStatement returns the rows of a file, one after the other. The first fault
// ends it: it names line and column, and never repeats what stands there.
func readStatement(file io.Reader, format fileFormat) iter.Seq2[api.StatementRow, error] {
	return func(yield func(api.StatementRow, error) bool) {
		f, err := openStatement(file, format)
		for rows := 0; err == nil; rows++ {
			var row api.StatementRow
			if row, err = f.next(); errors.Is(err, io.EOF) {
				return
			}
			if err == nil && rows == statementRowsMax {
				err = fmt.Errorf("line %d: the file has more than %d rows: split it", row.Line, statementRowsMax)
			}
			if err == nil && !yield(row, nil) {
				return
			}
		}
		yield(api.StatementRow{}, err)
	}
}

func openStatement(file io.Reader, format fileFormat) (*statementFile, error) {
	buffered := bufio.NewReaderSize(&bounded{file: file, left: statementBytesMax}, headerMax)
	start, err := buffered.Peek(len("\ufeff"))
	if err == nil && string(start) == "\ufeff" {
		_, err = buffered.Discard(len(start))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	start, err = buffered.Peek(headerMax)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	f := &statementFile{format: format, csv: csv.NewReader(buffered), columns: map[string]int{}}
	f.csv.Comma = separatorOf(start)
	f.csv.ReuseRecord = true
	return f, f.readHeader()
}

// separatorOf is what stands most often between the names of the header.
func separatorOf(start []byte) rune {
	header, _, _ := bytes.Cut(start, []byte("\n"))
	separator, most := ',', 0
	for _, one := range ",;\t" {
		if n := bytes.Count(header, []byte(string(one))); n > most {
			separator, most = one, n
		}
	}
	return separator
}

// bounded is a file of at most so many bytes.
type bounded struct {
	file io.Reader
	left int64
}

// Read fails where the file is longer.
func (b *bounded) Read(into []byte) (int, error) {
	n, err := b.file.Read(into)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the file is larger than %d MiB: split it", statementBytesMax>>20)
	}
	return n, err
}

func (f *statementFile) readHeader() error {
	header, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("line 1: the file is empty: it needs a row with the names of its columns")
	}
	if err != nil {
		return inFile(err)
	}
	at, twice := map[string]int{}, map[string]bool{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice[name] = at[name]
		at[name] = i
	}
	for _, column := range statementColumns() {
		name, named := f.format.Columns[column]
		if !named {
			name = column
		}
		name = strings.ToLower(strings.TrimSpace(name))
		i, there := at[name]
		switch {
		case !there && named:
			return fmt.Errorf("line 1: no column has the name that --column gives for %s", column)
		case twice[name]:
			return fmt.Errorf("line 1: two columns have the name of %s: say which with --column, or rename one", column)
		}
		if there {
			f.columns[column] = i
		}
	}
	return f.checkHeader()
}

func (f *statementFile) checkHeader() error {
	_, ours := f.columns[columnReference]
	_, theirs := f.columns[columnProviderReference]
	_, amount := f.columns[columnAmount]
	_, status := f.columns[columnStatus]
	switch {
	case !ours && !theirs:
		return errors.New("line 1: no column reference or provider_reference: name one, such as --column reference=\"Our id\"")
	case !amount:
		return errors.New("line 1: no column amount: name it, such as --column amount=Total")
	case !status && f.format.States[anyWord] == "":
		return errors.New("line 1: no column status: name it, such as --column status=State, or say what all rows are, such as --status \"*=succeeded\"")
	default:
		return nil
	}
}

// next reads one row. At the end it returns io.EOF.
func (f *statementFile) next() (api.StatementRow, error) {
	cells, err := f.csv.Read()
	if err != nil {
		return api.StatementRow{}, inFile(err)
	}
	f.cells = cells
	line, _ := f.csv.FieldPos(0)
	row := api.StatementRow{Line: line}
	for _, column := range []struct {
		name string
		read func(string, *api.StatementRow) error
	}{
		{columnReference, func(cell string, row *api.StatementRow) error { row.Reference = cell; return nil }},
		{columnProviderReference, func(cell string, row *api.StatementRow) error { row.ProviderReference = cell; return nil }},
		{columnCurrency, f.currency},
		{columnAmount, f.amount},
		{columnStatus, f.status},
		{columnCreatedAt, f.createdAt},
		{columnKind, f.kind},
	} {
		cell, err := f.cell(column.name)
		if err == nil {
			err = column.read(cell, &row)
		}
		if err != nil {
			return row, f.fault(column.name, line, err)
		}
	}
	if row.Reference == "" && row.ProviderReference == "" {
		return row, fmt.Errorf("line %d: neither reference nor provider_reference: nothing says which payment it is", line)
	}
	return row, nil
}

// cell returns a cell without the space around it, empty where the file has no such column.
func (f *statementFile) cell(column string) (string, error) {
	i, there := f.columns[column]
	if !there {
		return "", nil
	}
	cell := strings.TrimSpace(f.cells[i])
	switch {
	case !utf8.ValidString(cell):
		return "", errors.New("is not UTF-8: save the file as UTF-8")
	case utf8.RuneCountInString(cell) > cellMax:
		return "", fmt.Errorf("has more than %d characters", cellMax)
	case strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("has a character that cannot be printed")
	default:
		return cell, nil
	}
}

func (f *statementFile) fault(column string, line int, err error) error {
	i, there := f.columns[column]
	if !there {
		return fmt.Errorf("line %d: %s %w", line, column, err)
	}
	line, at := f.csv.FieldPos(i)
	return fmt.Errorf("line %d, column %d: %s %w", line, at, column, err)
}

func (f *statementFile) currency(cell string, row *api.StatementRow) error {
	if row.Currency = strings.ToUpper(cell); cell == "" {
		row.Currency = f.format.Currency
	}
	if fault := api.StatementMoneyFault("", row.Currency); fault != "" {
		return errors.New("is no ISO 4217 code")
	}
	return nil
}

func (f *statementFile) amount(cell string, row *api.StatementRow) error {
	switch point, comma := strings.Contains(cell, "."), strings.Contains(cell, ","); {
	case cell == "":
		return errors.New("is empty")
	case comma && !f.format.DecimalComma:
		return errors.New("has a comma: say --decimal-comma where it stands before decimals; thousands must not be separated")
	case point && f.format.DecimalComma:
		return errors.New("has a point, and --decimal-comma was given; thousands must not be separated")
	}
	row.Amount = strings.Replace(cell, ",", ".", 1)
	if fault := api.StatementMoneyFault(row.Amount, row.Currency); fault != "" {
		return errors.New(fault)
	}
	return nil
}

func (f *statementFile) status(cell string, row *api.StatementRow) (err error) {
	row.Status = cell
	row.State, err = meaning(cell, f.format.States, api.StatementStates(), "--status")
	return err
}

func (f *statementFile) kind(cell string, row *api.StatementRow) (err error) {
	if cell != "" {
		row.Kind, err = meaning(cell, f.format.Kinds, []string{"payment", "payout", "refund"}, "--kind")
	}
	return err
}

// meaning is what a word of the file means: what was said of it, or the word
// itself where it is one of ours.
func meaning(word string, said map[string]string, ours []string, flag string) (string, error) {
	for theirs, means := range said {
		if theirs != anyWord && strings.EqualFold(theirs, word) {
			return means, nil
		}
	}
	for _, own := range ours {
		if strings.EqualFold(own, word) {
			return own, nil
		}
	}
	if means := said[anyWord]; means != "" {
		return means, nil
	}
	if word == "" {
		return "", errors.New("is empty")
	}
	shown := api.NameShown(word)
	return "", fmt.Errorf("is the word %q, which means nothing yet: say %s %q with one of %s", shown, flag, shown+"=...", strings.Join(ours, ", "))
}

func (f *statementFile) createdAt(cell string, row *api.StatementRow) error {
	if cell == "" {
		return nil
	}
	at, _, err := momentOf(cell, f.format.Zone)
	row.CreatedAt = &at
	return err
}

// momentOf reads a time. One without a zone is in the given one, and a day alone,
// which it reports, is its first moment.
func momentOf(text string, zone *time.Location) (at time.Time, day bool, err error) {
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at, false, nil
	}
	for _, form := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04"} {
		if at, err = time.ParseInLocation(form, text, zone); err == nil {
			return at, false, nil
		}
	}
	if at, err = time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return at, true, nil
	}
	return time.Time{}, false, errors.New("is no time such as 2026-11-20T10:00:00Z, 2026-11-20 10:00:00 or 2026-11-20")
}

// inFile words a fault of the form of a file, without what stands there.
func inFile(err error) error {
	var fault *csv.ParseError
	switch {
	case !errors.As(err, &fault):
		return err
	case errors.Is(fault.Err, csv.ErrFieldCount):
		return fmt.Errorf("line %d: has another number of cells than the header", fault.Line)
	default:
		return fmt.Errorf("line %d, column %d: %w", fault.Line, fault.Column, fault.Err)
	}
}
