// SPDX-License-Identifier: Apache-2.0
#include "async.hpp"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace strata::cloud::http {

Task<> OnWorkers(asio::thread_pool& pool, std::function<void()> job) {
  const Executor loop = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [&pool, loop](auto handler, std::function<void()> work) {
        asio::post(pool,
                   [guard = asio::make_work_guard(loop),
                    handler = std::move(handler),
                    work = std::move(work)]() mutable {
                     work();
                     work = nullptr;
                     asio::post(guard.get_executor(), std::move(handler));
                   });
      },
      kAwait,
      std::move(job));
}

}  // namespace strata::cloud::http
