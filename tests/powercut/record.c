/* Records every change to files below one folder, in order, for the power-cut test.
 *
 * Loaded with LD_PRELOAD into a dynamically linked program. POWERCUT_DIR is the
 * folder (absolute, without symbolic links), POWERCUT_LOG the log. Other processes
 * may append records to the log as well: each record is one write to a file opened with
 * O_APPEND, so the order of the records is the order of the events.
 * tests/src/powercut/log.rs reads the format. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, RESIZE, SYNC_BEGIN, SYNC_END, REMOVE, RENAME };

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static uint64_t tickets;
static int log_fd = -1;

/* The next definition of a function that this file replaces. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Records are written under this lock together with what they record, so that a write
 * and the sync that follows it in another thread cannot change places in the log. */
static void record(uint32_t kind, const char *path, uint64_t offset, const void *data, size_t length) {
  struct { uint32_t kind, path; uint64_t offset, length; } head = {kind, strlen(path), offset, length};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)data, length}};
  if (log_fd < 0)
    log_fd = syscall(SYS_openat, AT_FDCWD, getenv("POWERCUT_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (syscall(SYS_writev, log_fd, parts, 3) != (ssize_t)(sizeof head + head.path + length)) abort();
}

static int watched(const char *path) {
  const char *dir = getenv("POWERCUT_DIR");
  size_t length = dir ? strlen(dir) : 0;
  return length && !strncmp(path, dir, length) && (path[length] == '/' || !path[length]);
}

static int watched_fd(int fd, char path[PATH_MAX]) {
  char link[32] = "/proc/self/fd/", digits[12];
  int count = 0;
  for (unsigned rest = fd; count == 0 || rest; rest /= 10) digits[count++] = '0' + rest % 10;
  for (char *end = link + strlen(link); count;) *end++ = digits[--count];
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return watched(path);
}

static int opened(int fd, int flags) {
  char path[PATH_MAX];
  if (fd >= 0 && (flags & (O_CREAT | O_TRUNC)) && watched_fd(fd, path)) {
    pthread_mutex_lock(&order);
    record(CREATE, path, !!(flags & O_TRUNC), "", 0);
    pthread_mutex_unlock(&order);
  }
  return fd;
}

#define OPEN(name, params, args)                                                  \
  int name params {                                                               \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return opened(REAL(name) args, flags);                                        \
  }
OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

ssize_t write(int fd, const void *data, size_t length) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return REAL(write)(fd, data, length);
  pthread_mutex_lock(&order);
  off_t at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
  ssize_t written = REAL(write)(fd, data, length);
  if (written > 0) record(WRITE, path, at, data, written);
  pthread_mutex_unlock(&order);
  return written;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return REAL(pwrite64)(fd, data, length, at);
  pthread_mutex_lock(&order);
  ssize_t written = REAL(pwrite64)(fd, data, length, at);
  if (written > 0) record(WRITE, path, at, data, written);
  pthread_mutex_unlock(&order);
  return written;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

int ftruncate64(int fd, off64_t length) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return REAL(ftruncate64)(fd, length);
  pthread_mutex_lock(&order);
  int result = REAL(ftruncate64)(fd, length);
  if (!result) record(RESIZE, path, length, "", 0);
  pthread_mutex_unlock(&order);
  return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* A sync covers what was recorded before its beginning and holds from its end on. The
 * lock is not held meanwhile: an answer that leaves too early shows between the two. */
static int sync_with(int (*real)(int), int fd) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return real(fd);
  pthread_mutex_lock(&order);
  uint64_t ticket = ++tickets;
  record(SYNC_BEGIN, path, ticket, "", 0);
  pthread_mutex_unlock(&order);
  int result = real(fd);
  pthread_mutex_lock(&order);
  if (!result) record(SYNC_END, path, ticket, "", 0);
  pthread_mutex_unlock(&order);
  return result;
}
int fsync(int fd) { return sync_with(REAL(fsync), fd); }
int fdatasync(int fd) { return sync_with(REAL(fdatasync), fd); }

int unlink(const char *path) {
  if (!watched(path)) return REAL(unlink)(path);
  pthread_mutex_lock(&order);
  int result = REAL(unlink)(path);
  if (!result) record(REMOVE, path, 0, "", 0);
  pthread_mutex_unlock(&order);
  return result;
}

int rename(const char *from, const char *to) {
  if (!watched(from)) return REAL(rename)(from, to);
  pthread_mutex_lock(&order);
  int result = REAL(rename)(from, to);
  if (!result) record(RENAME, from, 0, to, strlen(to));
  pthread_mutex_unlock(&order);
  return result;
}
