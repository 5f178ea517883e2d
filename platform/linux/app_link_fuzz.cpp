// SPDX-License-Identifier: Apache-2.0
// What a hostile app may say on its UARTs: however it is cut, lines keep their limit and have no
// end in them.
#include <cstdlib>
#include <string_view>

#include "app_link.hpp"

namespace {

using strata::device::EventOf;
using strata::device::EventQueue;
using strata::device::LineCutter;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void Cut(std::string_view text, std::size_t limit, LineCutter::TooLong too_long) {
  LineCutter cutter(limit, too_long);
  EventQueue queue;
  const std::size_t half = text.size() / 2;
  for (const std::string_view part : {text.substr(0, half), text.substr(half)}) {
    for (const std::string& line : cutter.Feed(part)) {
      Require(line.size() <= limit && line.find('\n') == std::string::npos);
      queue.Push(EventOf(line));
    }
  }
  Require(cutter.TakeRest().size() <= limit + 1);
  std::size_t events = 0;
  while (queue.Pop() != strata::ports::AppEvent::kNone) {
    ++events;
  }
  Require(events <= 16);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Cut(text, strata::device::kMaxLinkLineBytes, LineCutter::TooLong::kDrop);
  Cut(text, 8, LineCutter::TooLong::kCut);
  return 0;
}
