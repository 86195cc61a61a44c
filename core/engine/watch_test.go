package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A file that changes is found, however it is changed.
func TestAChangedFileIsLoaded(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	watching, stop := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() { w.engine.Watch(watching) })
	defer watch.Wait()
	defer stop()
	number, slowest := uint64(1), time.Duration(0)
	ways := map[string]func(name string){
		"written in place": func(name string) { w.write("routes.yaml", routes(name)) },
		"renamed over": func(name string) {
			w.write("routes.yaml.swp", routes(name))
			must(t, os.Rename(w.path("routes.yaml.swp"), w.path("routes.yaml")))
		},
		"removed and written": func(name string) {
			must(t, os.Remove(w.path("routes.yaml")))
			w.write("routes.yaml", routes(name))
		},
		"written by halves": func(name string) {
			text := routes(name)
			w.write("routes.yaml", text[:len(text)/2])
			w.write("routes.yaml", text)
		},
		"swapped by a link": func(name string) {
			must(t, os.Mkdir(w.path(".."+name), 0o700))
			w.write(filepath.Join(".."+name, "routes.yaml"), routes(name))
			_ = os.Remove(w.path("routes.yaml"))
			must(t, os.Symlink(".."+name, w.path("..data_tmp")), os.Rename(w.path("..data_tmp"), w.path("..data")),
				os.Symlink(filepath.Join("..data", "routes.yaml"), w.path("routes.yaml")))
		},
		"the configuration too": func(name string) {
			s := usual()
			s.head = "# " + name + "\n"
			w.write("paymux.yaml", s.text(t))
		},
	}
	i := 0
	for name, change := range ways {
		began := time.Now()
		i++
		change(fmt.Sprintf("rules-%d", i))
		number++
		w.await(name, func() bool { return w.live() >= number })
		slowest = max(slowest, time.Since(began))
		number = w.live()
		if by := w.engine.ReloadStatus().Live.By; by != "file" {
			t.Errorf("%s: it was by %s", name, by)
		}
	}
	w.write("paymux.yaml", "nonsense: true\n")
	w.await("the refusal", func() bool { return w.engine.ReloadStatus().Failed != nil })
	t.Logf("chaos 23: files changed in %d ways were live within %v each", len(ways), slowest.Round(10*time.Millisecond))
}
