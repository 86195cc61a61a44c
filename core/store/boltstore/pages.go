package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math/bits"
	"os"

	bolt "go.etcd.io/bbolt"
)

// The layout of a bbolt file, version 2: pages of 16 bytes of header and then
// elements, which point to their keys and values behind them.
const (
	pageHeaderSize = 16
	elementSize    = 16
	metaSize       = 64
	bucketHeader   = 16
	flagBranch     = 0x01
	flagLeaf       = 0x02
	flagBucket     = 0x01
	firstDataPage  = 2
	// freelistNowhere is what a meta page says when the list of free pages is not in the file.
	freelistNowhere = ^uint64(0)
	// depthMax is beyond any tree: five levels hold billions of rows.
	depthMax = 32
)

// freelistMissing reports whether the file was not closed as it should be: then
// bbolt reads all its pages to find the free ones. It trusts them, and a damaged
// one ends the process; so they are walked first.
func freelistMissing(path string, db *bolt.DB) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	meta, err := readMeta(file, db.Info().PageSize)
	return meta.freelist == freelistNowhere, err
}

// walkPages visits every page that is in use and returns ErrDamaged unless each
// is of its kind, is in use once, lies within the file, points to nothing
// outside of it, and has its keys in order.
func walkPages(path string, db *bolt.DB) error {
	_, err := countFree(path, db)
	return err
}

// countFree walks the pages and returns how many of the file are not in use.
func countFree(path string, db *bolt.DB) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	size := db.Info().PageSize
	meta, err := readMeta(file, size)
	if err != nil {
		return 0, err
	}
	w := &pageWalker{file: file, size: size, end: meta.end, seen: make([]byte, meta.end/8+1)}
	if err := w.page(meta.root, 0, nil, nil); err != nil {
		return 0, err
	}
	if meta.freelist != freelistNowhere {
		if _, err := w.read(meta.freelist, 0); err != nil {
			return 0, err
		}
	}
	used := firstDataPage
	for _, eight := range w.seen {
		used += bits.OnesCount8(eight)
	}
	return int(meta.end) - used, nil
}

// meta is what the younger of the two first pages says.
type meta struct {
	root, freelist, end, id uint64
}

func readMeta(file io.ReaderAt, pageSize int) (meta, error) {
	var best meta
	for i := range firstDataPage {
		data := make([]byte, metaSize)
		if _, err := file.ReadAt(data, int64(i*pageSize+pageHeaderSize)); err != nil {
			return meta{}, fmt.Errorf("%w: page %d: %w", ErrDamaged, i, err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(data[:56])
		word := func(at int) uint64 { return binary.NativeEndian.Uint64(data[at:]) }
		if word(56) == sum.Sum64() && word(48) >= best.id {
			best = meta{root: word(16), freelist: word(32), end: word(40), id: word(48)}
		}
	}
	if best.end == 0 {
		return meta{}, fmt.Errorf("%w: both first pages are lost", ErrDamaged)
	}
	return best, nil
}

type pageWalker struct {
	file io.ReaderAt
	size int
	// end is the number of the first page that is not part of the file.
	end  uint64
	seen []byte
	// buffers holds the page of each level that is being read.
	buffers [depthMax][]byte
}

func damaged(page uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d %s", ErrDamaged, page, fmt.Sprintf(format, args...))
}

// page walks the tree below a page, whose keys are from low on and below high.
func (w *pageWalker) page(number uint64, depth int, low, high []byte) error {
	if depth == depthMax {
		return damaged(number, "is %d levels deep", depth)
	}
	data, err := w.read(number, depth)
	if err != nil {
		return err
	}
	switch binary.NativeEndian.Uint16(data[8:]) {
	case flagBranch:
		return w.branch(number, data, depth, low, high)
	case flagLeaf:
		return w.leaf(number, data, depth, low, high)
	default:
		return damaged(number, "is neither branch nor leaf")
	}
}

// read returns the page with all that overflows from it, and marks it as in use.
func (w *pageWalker) read(number uint64, depth int) ([]byte, error) {
	if number < firstDataPage || number >= w.end {
		return nil, damaged(number, "is outside of the file")
	}
	data, err := w.fill(number, depth, w.size)
	if err != nil {
		return nil, err
	}
	if binary.NativeEndian.Uint64(data) != number {
		return nil, damaged(number, "says that it is another one")
	}
	pages := uint64(binary.NativeEndian.Uint32(data[12:])) + 1
	if pages > w.end-number {
		return nil, damaged(number, "reaches beyond the file")
	}
	for i := number; i < number+pages; i++ {
		if w.seen[i/8]&(1<<(i%8)) != 0 {
			return nil, damaged(i, "is in use twice")
		}
		w.seen[i/8] |= 1 << (i % 8)
	}
	if pages == 1 {
		return data, nil
	}
	return w.fill(number, depth, int(pages)*w.size)
}

func (w *pageWalker) fill(number uint64, depth, size int) ([]byte, error) {
	if cap(w.buffers[depth]) < size {
		w.buffers[depth] = make([]byte, size)
	}
	data := w.buffers[depth][:size]
	if _, err := w.file.ReadAt(data, int64(number)*int64(w.size)); err != nil {
		return nil, fmt.Errorf("%w: page %d: %w", ErrDamaged, number, err)
	}
	return data, nil
}

// part returns size bytes of data from an offset on, which both come from the file.
func part(data []byte, offset, size uint64) ([]byte, bool) {
	if offset > uint64(len(data)) || size > uint64(len(data))-offset {
		return nil, false
	}
	return data[offset : offset+size], true
}

// elements returns the part of a page that holds its elements.
func elements(number uint64, data []byte) ([]byte, error) {
	n := uint64(binary.NativeEndian.Uint16(data[10:]))
	list, ok := part(data, pageHeaderSize, n*elementSize)
	if !ok {
		return nil, damaged(number, "has more elements than room")
	}
	return list, nil
}

// inOrder reports whether key may follow previous and stays below high.
func inOrder(previous, key, high []byte, first bool) bool {
	order := bytes.Compare(previous, key)
	if previous != nil && (order > 0 || (order == 0 && !first)) {
		return false
	}
	return high == nil || bytes.Compare(key, high) < 0
}

func (w *pageWalker) branch(number uint64, data []byte, depth int, low, high []byte) error {
	list, err := elements(number, data)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return damaged(number, "is an empty branch")
	}
	keys := make([][]byte, len(list)/elementSize)
	previous := low
	for i := range keys {
		element := list[i*elementSize:]
		start := uint64(pageHeaderSize+i*elementSize) + uint64(binary.NativeEndian.Uint32(element))
		key, ok := part(data, start, uint64(binary.NativeEndian.Uint32(element[4:])))
		if !ok || !inOrder(previous, key, high, i == 0) {
			return damaged(number, "has a key in a wrong place")
		}
		keys[i], previous = key, key
	}
	for i, key := range keys {
		below := high
		if i+1 < len(keys) {
			below = keys[i+1]
		}
		if err := w.page(binary.NativeEndian.Uint64(list[i*elementSize+8:]), depth+1, key, below); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalker) leaf(number uint64, data []byte, depth int, low, high []byte) error {
	list, err := elements(number, data)
	if err != nil {
		return err
	}
	previous := low
	for i := range len(list) / elementSize {
		element := list[i*elementSize:]
		start := uint64(pageHeaderSize+i*elementSize) + uint64(binary.NativeEndian.Uint32(element[4:]))
		keySize, valueSize := uint64(binary.NativeEndian.Uint32(element[8:])), uint64(binary.NativeEndian.Uint32(element[12:]))
		key, ok := part(data, start, keySize)
		value, whole := part(data, start+keySize, valueSize)
		if !ok || !whole || !inOrder(previous, key, high, i == 0) {
			return damaged(number, "has a row in a wrong place")
		}
		previous = key
		if binary.NativeEndian.Uint32(element)&flagBucket != 0 {
			if err := w.bucket(number, value, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket walks a bucket in a bucket: small ones lie in the value, as a page without a number.
func (w *pageWalker) bucket(number uint64, value []byte, depth int) error {
	if len(value) < bucketHeader {
		return damaged(number, "has a bucket that is cut short")
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return w.page(root, depth+1, nil, nil)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeaderSize || binary.NativeEndian.Uint16(inline[8:]) != flagLeaf {
		return damaged(number, "has a small bucket that is none")
	}
	return w.leaf(number, inline, depth, nil, nil)
}
