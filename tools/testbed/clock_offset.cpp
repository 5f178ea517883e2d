// SPDX-License-Identifier: Apache-2.0
// A library to preload: the wall clock is STRATA_CLOCK_OFFSET seconds ahead, everything else stays.
// With STRATA_CLOCK_CONTROL, a file that holds one 64-bit number, that many seconds instead, and
// the clock jumps when the test writes another number. For tests of what happens in years. Only the
// testbed compiles and uses it.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const std::atomic<std::int64_t>* OpenControl() {
  const char* const path = std::getenv("STRATA_CLOCK_CONTROL");
  if (path == nullptr) {
    return nullptr;
  }
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  void* const at =
      fd < 0 ? MAP_FAILED
             : mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, static_cast<int>(fd), 0);
  if (at == MAP_FAILED) {
    std::abort();
  }
  return static_cast<const std::atomic<std::int64_t>*>(at);
}

time_t Offset() {
  static const std::atomic<std::int64_t>* const control = OpenControl();
  if (control != nullptr) {
    return static_cast<time_t>(control->load());
  }
  static const time_t offset = [] {
    const char* const text = std::getenv("STRATA_CLOCK_OFFSET");
    return text == nullptr ? 0 : static_cast<time_t>(std::atoll(text));
  }();
  return offset;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const long done = syscall(SYS_clock_gettime, clock, out);
  if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    out->tv_sec += Offset();
  }
  return static_cast<int>(done);
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

}  // extern "C"
