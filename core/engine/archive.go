package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

const (
	// generationsKept is how many generations are kept to look at and to go back to.
	generationsKept = 10
	// generationMax is the highest number of a generation: JSON readers know no higher one.
	generationMax = 1<<53 - 1
	// factsMax bounds the file of facts in bytes, and shownMax that of the configuration,
	// which is longer than it was written.
	factsMax, shownMax = 64 << 10, 4 * yamlfile.SizeMax
	// draftPrefix begins the name of a folder that is not whole yet.
	draftPrefix = ".new-"
	// diffMax bounds the diff of one generation in bytes: more than a person reads.
	diffMax = 64 << 10
	// The files of one generation.
	fileOfFacts, fileOfConfig, fileOfRules = "generation.json", "paymux.yaml", "routes.yaml"
)

// archive keeps the last generations in a folder beside the store, one folder each,
// whose texts are files: they can be read and compared while no engine runs, and
// the store's format knows nothing of them. No configuration is kept in clear: see
// config.Shown. Losing the folder loses the past and nothing else.
type archive struct{ dir string }

// kept is one generation as it is on the disk.
type kept struct {
	facts
	config string
	rules  []byte
}

type facts struct {
	Number       uint64    `json:"number"`
	At           time.Time `json:"at"`
	By           string    `json:"by"`
	Why          string    `json:"why"`
	ConfigSHA256 string    `json:"config_sha256"`
	RulesSHA256  string    `json:"rules_sha256"`
}

func openArchive(dir string) (archive, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return archive{}, fmt.Errorf("engine: the folder of generations cannot be made: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return archive{}, fmt.Errorf("engine: the folder of generations: %w", err)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return archive{}, fmt.Errorf("engine: everybody may write generations to %s, and so rules to go back to (mode %v); chmod 700 it",
			dir, info.Mode().Perm())
	}
	return archive{dir}, nil
}

// sweep removes what an engine left that was killed while it wrote a generation.
func (a archive) sweep() error {
	drafts, err := filepath.Glob(filepath.Join(a.dir, draftPrefix+"*"))
	for _, draft := range drafts {
		err = errors.Join(err, os.RemoveAll(draft))
	}
	return err
}

// numbers returns the generations that there are, in order.
func (a archive) numbers() ([]uint64, error) {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, fmt.Errorf("engine: generations: %w", err)
	}
	var all []uint64
	for _, entry := range entries {
		if n, err := strconv.ParseUint(entry.Name(), 10, 64); err == nil && entry.IsDir() && n > 0 && n < generationMax {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// all returns the generations that can be read, in order. The error names those that cannot.
func (a archive) all() ([]kept, error) {
	numbers, err := a.numbers()
	faults := []error{err}
	var list []kept
	for _, n := range numbers {
		k, err := a.read(n)
		if err != nil {
			faults = append(faults, fmt.Errorf("engine: generation %d cannot be read: %w", n, err))
			continue
		}
		list = append(list, k)
	}
	return list, errors.Join(faults...)
}

func (a archive) read(number uint64) (kept, error) {
	dir := filepath.Join(a.dir, strconv.FormatUint(number, 10))
	var k kept
	text, err := readRegular(filepath.Join(dir, fileOfFacts), factsMax)
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(text, &k.facts); err != nil {
		return k, err
	}
	if k.Number != number {
		return k, fmt.Errorf("it says that it is %d", k.Number)
	}
	shown, err := readRegular(filepath.Join(dir, fileOfConfig), shownMax)
	if err != nil {
		return k, err
	}
	k.config = string(shown)
	k.rules, err = readRegular(filepath.Join(dir, fileOfRules), yamlfile.SizeMax+1)
	if err == nil && sumOf(k.rules) != k.RulesSHA256 {
		err = errors.New(fileOfRules + " was changed")
	}
	return k, err
}

// write keeps a generation, whole or not at all, and forgets those that are too old.
func (a archive) write(k kept) error {
	text, err := json.MarshalIndent(k.facts, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(a.dir, strconv.FormatUint(k.Number, 10))
	beside, err := os.MkdirTemp(a.dir, draftPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(beside) }() // It is gone unless something failed.
	for file, content := range map[string][]byte{
		fileOfFacts: append(text, '\n'), fileOfConfig: []byte(k.config), fileOfRules: k.rules,
	} {
		if err := writeSynced(filepath.Join(beside, file), content, 0o600); err != nil {
			return err
		}
	}
	if err := errors.Join(syncDir(beside), os.Rename(beside, name), syncDir(a.dir)); err != nil {
		return err
	}
	return a.forget(k.Number)
}

// forget removes what is older than the generations that are kept.
func (a archive) forget(newest uint64) error {
	numbers, err := a.numbers()
	for _, n := range numbers {
		if n+generationsKept <= newest {
			err = errors.Join(err, os.RemoveAll(filepath.Join(a.dir, strconv.FormatUint(n, 10))))
		}
	}
	return err
}

// generation is what operators see of k; before is the one before it, if it is known.
func (k kept) generation(before *kept) core.Generation {
	g := core.Generation{
		Number: k.Number, At: k.At, By: k.By, Why: k.Why, ConfigSHA256: k.ConfigSHA256, RulesSHA256: k.RulesSHA256,
	}
	if before != nil {
		g.Diff = diffOf(*before, k)
	}
	return g
}

// diffOf is what changed in both files from one generation to the next.
func diffOf(old, new kept) string {
	if old.ConfigSHA256 == new.ConfigSHA256 && old.RulesSHA256 == new.RulesSHA256 {
		return "the files are the same: a secret behind a reference, or a plugin without a checksum, may be another\n"
	}
	from, to := strconv.FormatUint(old.Number, 10)+"/", strconv.FormatUint(new.Number, 10)+"/"
	shown := diff.Diff(from+fileOfConfig, []byte(old.config), to+fileOfConfig, []byte(new.config))
	if len(shown) == 0 && old.ConfigSHA256 != new.ConfigSHA256 {
		shown = []byte(to + fileOfConfig + " differs only in comments or in values that are not shown\n")
	}
	return cutDiff(append(shown, diff.Diff(from+fileOfRules, old.rules, to+fileOfRules, new.rules)...))
}

func cutDiff(text []byte) string {
	if len(text) <= diffMax {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	end := max(bytes.LastIndexByte(text[:diffMax], '\n')+1, 0)
	return strings.ToValidUTF8(string(text[:end]), "\uFFFD") + fmt.Sprintf("... and %d more bytes\n", len(text)-end)
}

// writeSynced writes a new file that is on the disk when it returns.
func writeSynced(name string, text []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncDir makes the names in a folder durable.
func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
