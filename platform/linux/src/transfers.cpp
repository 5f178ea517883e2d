// SPDX-License-Identifier: Apache-2.0
#include "transfers.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace strata::device {
namespace {

using std::chrono::milliseconds;

// A cloud that answers every poll at once must not be asked in a circle.
constexpr milliseconds kPollSpacing{200};
constexpr milliseconds kRefreshSpacing{1'000};
// How much longer than the wait it asked for a poll may take.
constexpr std::chrono::seconds kPollGrace{15};
constexpr std::chrono::seconds kRequestLimit{300};
constexpr std::chrono::seconds kLogsLimit{30};

void SetBody(Exchange& exchange, ByteSpan body, const std::string& type) {
  AddHeader(exchange, "Content-Type: " + type);
  curl_easy_setopt(exchange.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(exchange.easy, CURLOPT_COPYPOSTFIELDS, body.data());
}

}  // namespace

CurlCloud::Transfers::Transfers(const CurlCloudOptions& options)
    : options_(options), multi_(curl_multi_init()), jitter_(std::random_device{}()) {
  request_.easy = curl_easy_init();
  poll_.easy = curl_easy_init();
  logs_.easy = curl_easy_init();
}

CurlCloud::Transfers::~Transfers() {
  for (Exchange* exchange : {&request_, &poll_, &logs_}) {
    if (multi_ != nullptr && exchange->easy != nullptr) {
      curl_multi_remove_handle(multi_, exchange->easy);
    }
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
  }
  curl_multi_cleanup(multi_);
}

bool CurlCloud::Transfers::usable() const {
  return multi_ != nullptr && request_.easy != nullptr && poll_.easy != nullptr &&
         logs_.easy != nullptr;
}

Exchange& CurlCloud::Transfers::Begin(Op op,
                                      const std::string& path,
                                      long wanted_status,
                                      MutableByteSpan sink) {
  PrepareExchange(request_, options_, path);
  request_.op = op;
  request_.wanted_status = wanted_status;
  request_.sink = sink;
  curl_easy_setopt(request_.easy, CURLOPT_LOW_SPEED_LIMIT, 64L);
  curl_easy_setopt(
      request_.easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall.count()));
  curl_easy_setopt(request_.easy, CURLOPT_TIMEOUT, static_cast<long>(kRequestLimit.count()));
  return request_;
}

void CurlCloud::Transfers::SetPost(ByteSpan body, const std::string& type) {
  SetBody(request_, body, type);
}

bool CurlCloud::Transfers::StartLogs(ByteSpan batch) {
  if (posting_ || !connected_) {
    return false;
  }
  PrepareExchange(logs_, options_, "/device/v1/logs");
  logs_.op = Op::kReport;
  logs_.wanted_status = 204;
  SetBody(logs_, batch, "application/x-protobuf");
  curl_easy_setopt(logs_.easy, CURLOPT_TIMEOUT, static_cast<long>(kLogsLimit.count()));
  curl_easy_setopt(logs_.easy, CURLOPT_HTTPHEADER, logs_.headers);
  posted_.reset();
  posting_ = curl_multi_add_handle(multi_, logs_.easy) == CURLM_OK;
  return posting_;
}

std::optional<Status> CurlCloud::Transfers::TakeLogsAnswer() {
  return std::exchange(posted_, std::nullopt);
}

void CurlCloud::Transfers::EndLogs(const Status& status) {
  if (posting_) {
    curl_multi_remove_handle(multi_, logs_.easy);
    posting_ = false;
    posted_ = status;
  }
}

void CurlCloud::Transfers::SetRange(const RangeRequest& range) {
  request_.range = range;
  const std::uint64_t last = std::uint64_t{range.offset} + range.count - 1;
  AddHeader(request_, "Range: bytes=" + std::to_string(range.offset) + "-" + std::to_string(last));
}

Status CurlCloud::Transfers::Finish() {
  curl_easy_setopt(request_.easy, CURLOPT_HTTPHEADER, request_.headers);
  if (curl_multi_add_handle(multi_, request_.easy) != CURLM_OK) {
    return Fail(Code::kCloudUnreachable, request_.op);
  }
  bool interrupted = false;
  while (true) {
    Drive();
    if (request_.done || interrupted) {
      break;
    }
    curl_waitfd stop{options_.interrupt_fd, CURL_WAIT_POLLIN, 0};
    curl_multi_poll(multi_, &stop, options_.interrupt_fd >= 0 ? 1 : 0, 1'000, nullptr);
    interrupted = stop.revents != 0;
  }
  curl_multi_remove_handle(multi_, request_.easy);
  if (!request_.done) {
    return Fail(Code::kCloudUnreachable, request_.op);
  }
  return Judge(request_);
}

void CurlCloud::Transfers::Drive() {
  if (connected_ && !polling_ && std::chrono::steady_clock::now() >= poll_not_before_) {
    StartPoll();
  }
  int running = 0;
  curl_multi_perform(multi_, &running);
  ReadMessages();
}

void CurlCloud::Transfers::ReadMessages() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    // The message dies with the handle's removal.
    Exchange& exchange = message->easy_handle == poll_.easy   ? poll_
                         : message->easy_handle == logs_.easy ? logs_
                                                              : request_;
    exchange.result = message->data.result;
    exchange.done = true;
    if (&exchange == &logs_) {
      EndLogs(Judge(logs_));
    }
    if (&exchange == &poll_) {
      curl_multi_remove_handle(multi_, poll_.easy);
      polling_ = false;
      FinishPoll();
    }
  }
}

void CurlCloud::Transfers::StartPoll() {
  PrepareExchange(poll_, options_, "/device/v1/desired");
  poll_.op = Op::kFetchDesired;
  poll_.wanted_status = 200;
  poll_.sink = poll_body_;
  AddHeader(poll_, "Prefer: wait=" + std::to_string(options_.poll_wait.count()));
  if (!etag_.empty()) {
    AddHeader(poll_, "If-None-Match: " + etag_);
  }
  curl_easy_setopt(poll_.easy, CURLOPT_HTTPHEADER, poll_.headers);
  curl_easy_setopt(
      poll_.easy, CURLOPT_TIMEOUT, static_cast<long>((options_.poll_wait + kPollGrace).count()));
  poll_started_ = std::chrono::steady_clock::now();
  polling_ = curl_multi_add_handle(multi_, poll_.easy) == CURLM_OK;
  if (!polling_) {
    PollFailed(Fail(Code::kCloudUnreachable, Op::kFetchDesired));
  }
}

void CurlCloud::Transfers::FinishPoll() {
  long status = 0;
  curl_easy_getinfo(poll_.easy, CURLINFO_RESPONSE_CODE, &status);
  const bool unchanged = poll_.result == CURLE_OK && status == 304 && !etag_.empty();
  if (!unchanged) {
    if (const Status judged = Judge(poll_); !judged.ok()) {
      PollFailed(judged.error());
      return;
    }
    etag_ = poll_.etag;
    if (etag_.empty()) {
      PollFailed(Fail(Code::kCloudProtocol, Op::kFetchDesired));
      return;
    }
    // An empty message is a desired state too: never targeted.
    desired_ = poll_body_;
    desired_bytes_ = poll_.received;
    if (const auto state = wire::DecodeDesiredState(ByteSpan(desired_).first(poll_.received));
        state.ok()) {
      logging_enabled_ = state->logging_enabled;
    }
  }
  failures_ = 0;
  refused_ = false;
  poll_failure_.reset();
  poll_not_before_ = poll_started_ + (unchanged ? kRefreshSpacing : kPollSpacing);
  TellConnection({});
}

void CurlCloud::Transfers::PollFailed(const Error& error) {
  refused_ = error.code == Code::kCloudRefused && error.detail == 403;
  if (failures_ == 0) {
    poll_failure_ = error;
  }
  poll_not_before_ = std::chrono::steady_clock::now() + NextBackOff();
  TellConnection(ExchangeWords(poll_, error));
}

milliseconds CurlCloud::Transfers::NextBackOff() {
  const unsigned doublings = std::min(failures_, 16U);
  failures_ += 1;
  const milliseconds doubled(options_.back_off_min.count() << doublings);
  const milliseconds full = std::min(doubled, options_.back_off_max);
  std::uniform_int_distribution<long long> part(full.count() / 2, full.count());
  return milliseconds(part(jitter_));
}

void CurlCloud::Transfers::TellConnection(const std::string& words) {
  const bool changed = words != told_;
  told_ = words;
  if (!changed || !options_.on_connection_change) {
    return;
  }
  options_.on_connection_change(words);
}

Result<std::size_t> CurlCloud::Transfers::TakeDesired(MutableByteSpan out) {
  if (poll_failure_) {
    const Error error = *poll_failure_;
    poll_failure_.reset();
    return error;
  }
  if (!desired_bytes_) {
    return std::size_t{0};
  }
  const std::size_t size = *desired_bytes_;
  desired_bytes_.reset();
  if (out.size() < size) {
    return Fail(Code::kTooLarge, Op::kFetchDesired, static_cast<std::uint32_t>(size));
  }
  std::copy_n(desired_.begin(), size, out.begin());
  return size;
}

void CurlCloud::Transfers::ForgetPoll() {
  if (polling_) {
    curl_multi_remove_handle(multi_, poll_.easy);
    polling_ = false;
  }
  etag_.clear();
  desired_bytes_.reset();
}

void CurlCloud::Transfers::SetConnected(bool connected) {
  if (connected == connected_) {
    return;
  }
  connected_ = connected;
  ForgetPoll();
  if (connected) {
    poll_not_before_ = {};
    return;
  }
  poll_failure_.reset();
  failures_ = 0;
  EndLogs(Fail(Code::kCloudUnreachable, Op::kReport));
  // libcurl keeps idle connections with the handle and closes them only with it.
  if (CURLM* fresh = curl_multi_init(); fresh != nullptr) {
    curl_multi_cleanup(multi_);
    multi_ = fresh;
  }
}

void CurlCloud::Transfers::RestartPoll() {
  ForgetPoll();
  poll_not_before_ = std::max(poll_not_before_, poll_started_ + kRefreshSpacing);
}

void CurlCloud::Transfers::Wait(std::span<const int> fds, milliseconds timeout) {
  Drive();
  if (desired_bytes_ || poll_failure_) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (connected_ && !polling_) {
    timeout = std::min(timeout, std::chrono::ceil<milliseconds>(poll_not_before_ - now));
  }
  timeout = std::max(timeout, milliseconds(0));
  std::vector<curl_waitfd> waits;
  for (const int fd : fds) {
    waits.push_back({fd, CURL_WAIT_POLLIN, 0});
  }
  curl_multi_poll(multi_,
                  waits.data(),
                  static_cast<unsigned>(waits.size()),
                  static_cast<int>(timeout.count()),
                  nullptr);
  Drive();
}

}  // namespace strata::device
