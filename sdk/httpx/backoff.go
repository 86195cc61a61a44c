package httpx

import "time"

// Backoff returns how long to hold back where a provider refuses calls and does
// not say for how long: first after the first refusal in a row, twice as long
// after each further one, and never longer than most.
func Backoff(refusals int, first, most time.Duration) time.Duration {
	wait := first
	for range refusals - 1 {
		if wait >= most {
			break
		}
		wait *= 2
	}
	return min(wait, most)
}
