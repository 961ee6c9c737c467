/* Counts how often a program waits for the disk and how much it writes to files.
 *
 * Loaded with LD_PRELOAD into a dynamically linked program. BENCH_FLUSHES names a file of
 * two 64-bit counters in the machine's byte order: syncs, bytes written at an offset.
 * tests/src/bench/meter.rs reads them while the program runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static _Atomic uint64_t *counters;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void map(void) {
  const char *path = getenv("BENCH_FLUSHES");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *mapped = mmap(0, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) counters = mapped;
  close(fd);
}

static void count(int which, uint64_t amount) {
  if (counters) atomic_fetch_add(&counters[which], amount);
}

int fsync(int fd) { count(0, 1); return REAL(fsync)(fd); }
int fdatasync(int fd) { count(0, 1); return REAL(fdatasync)(fd); }

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  static __typeof__(&pwrite64) real;
  if (!real) real = REAL(pwrite64);
  ssize_t written = real(fd, data, length, at);
  if (written > 0) count(1, written);
  return written;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }
