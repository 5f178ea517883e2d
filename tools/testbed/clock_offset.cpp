// SPDX-License-Identifier: Apache-2.0
// A library to preload: the wall clock is STRATA_CLOCK_OFFSET seconds ahead, everything else stays.
// For tests of what happens in years. Only the testbed compiles and uses it.
#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

time_t Offset() {
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
