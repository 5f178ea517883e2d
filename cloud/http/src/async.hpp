// SPDX-License-Identifier: Apache-2.0
/// The few Asio types that connections use, with concrete executors (they cost less than
/// type-erased ones).
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::cloud::http {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
template <typename T = void>
using Task = asio::awaitable<T, Executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

inline constexpr asio::use_awaitable_t<Executor> kAwait{};
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwaitTuple{};

/// Runs `job` on the pool; the caller continues on its own loop afterwards. `job` must not throw.
Task<> OnWorkers(asio::thread_pool& pool, std::function<void()> job);

}  // namespace strata::cloud::http
