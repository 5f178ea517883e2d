// SPDX-License-Identifier: Apache-2.0
#include "parallel.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace strata::bundle {
namespace {

class Batch {
 public:
  Batch(std::size_t count, const std::function<Outcome(std::size_t)>& work)
      : count_(count), work_(work) {}

  // Items are taken in rising order, so every item below a failing one has been taken and runs to
  // its end.
  void Run() {
    while (!failed_) {
      const std::size_t index = next_.fetch_add(1);
      if (index >= count_) {
        return;
      }
      auto outcome = work_(index);
      if (!outcome) {
        Note(index, std::move(outcome).failure());
      }
    }
  }

  Outcome Finish() {
    if (failure_) {
      return *std::move(failure_);
    }
    return Done{};
  }

 private:
  void Note(std::size_t index, Failure failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || index < failed_index_) {
      failed_index_ = index;
      failure_ = std::move(failure);
    }
    failed_ = true;
  }

  std::size_t count_;
  const std::function<Outcome(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::size_t failed_index_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace

Outcome ParallelFor(std::size_t count,
                    unsigned threads,
                    const std::function<Outcome(std::size_t)>& work) {
  const unsigned wanted = threads != 0 ? threads : std::thread::hardware_concurrency();
  const std::size_t helpers =
      std::min<std::size_t>(std::max(wanted, 1U), count) - (count > 0 ? 1 : 0);
  Batch batch(count, work);
  {
    std::vector<std::jthread> pool;
    try {
      for (std::size_t i = 0; i < helpers; ++i) {
        pool.emplace_back([&batch] { batch.Run(); });
      }
    } catch (const std::system_error&) {
      // The system gives no more threads: those that run, and this one, do the work.
    }
    batch.Run();
  }
  return batch.Finish();
}

}  // namespace strata::bundle
