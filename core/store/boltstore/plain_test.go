package boltstore_test

import (
	"encoding/binary"
	"fmt"
	"runtime"

	bolt "go.etcd.io/bbolt"
)

// syncedCommits is how many commits a process makes whose syncs fail.
const syncedCommits = 110

// onOneThread keeps the goroutine that commits on its thread: strace counts the
// calls of each thread by itself.
func onOneThread() { runtime.LockOSThread() }

var plainBucket = []byte("plain")

func plainKey(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// writePlainly is the control of the store's caution: bbolt alone, in which a
// failed commit is an error like any other, after which one goes on.
func writePlainly(path string) int {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	for n := range syncedCommits {
		err := db.Update(func(tx *bolt.Tx) error {
			onOneThread()
			b, err := tx.CreateBucketIfNotExists(plainBucket)
			if err != nil {
				return err
			}
			return b.Put(plainKey(n), []byte("paid"))
		})
		if err != nil {
			fmt.Println("failed", n)
			continue
		}
		fmt.Println("ack", n)
	}
	return 0
}
