// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/curl_cloud.hpp"

#include <algorithm>
#include <string>

#include "transfers.hpp"

namespace strata::device {
namespace {

std::string PathOf(std::string_view folder, const Digest& hash) {
  const auto hex = hash.ToHexText();
  return std::string(folder) + std::string(hex.data(), hex.size());
}

bool SetUpLibrary() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

}  // namespace

Expected<std::unique_ptr<CurlCloud>> CurlCloud::Make(CurlCloudOptions options) {
  const Failure failed{Fail(Code::kCryptoFailed, Op::kBoot), "libcurl can't be set up"};
  if (!SetUpLibrary()) {
    return failed;
  }
  std::unique_ptr<CurlCloud> cloud(new CurlCloud(std::move(options)));
  if (!cloud->transfers_->usable()) {
    return failed;
  }
  return cloud;
}

CurlCloud::CurlCloud(CurlCloudOptions options)
    : options_(std::move(options)), transfers_(std::make_unique<Transfers>(options_)) {
  read_ahead_.bytes = std::make_unique<std::uint8_t[]>(options_.max_range_bytes);
}

CurlCloud::~CurlCloud() = default;

Result<std::size_t> CurlCloud::TakeDesired(MutableByteSpan out) {
  transfers_->Drive();
  return transfers_->TakeDesired(out);
}

void CurlCloud::SetConnected(bool connected) {
  transfers_->SetConnected(connected);
}

void CurlCloud::RefreshDesired() {
  transfers_->RestartPoll();
}

Result<std::size_t> CurlCloud::FetchManifest(const Digest& hash, MutableByteSpan out) {
  Exchange& exchange =
      transfers_->Begin(Op::kFetchManifest, PathOf("/device/v1/manifests/", hash), 200, out);
  exchange.too_long = Code::kManifestTooLarge;
  STRATA_TRY(transfers_->Finish());
  return exchange.received;
}

Result<std::size_t> CurlCloud::FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) {
  Exchange& exchange =
      transfers_->Begin(Op::kNewKeys, "/device/v1/keys/" + std::to_string(sequence), 200, out);
  exchange.too_long = Code::kNewKeysMalformed;
  STRATA_TRY(transfers_->Finish());
  return exchange.received;
}

Result<std::size_t> CurlCloud::FillReadAhead(const Digest& hash,
                                             std::uint32_t offset,
                                             std::uint32_t total_bytes) {
  read_ahead_.start = read_ahead_.end = 0;
  const std::uint32_t rest = total_bytes == 0 ? 0xFFFFFFFF - offset : total_bytes - offset;
  const RangeRequest range{offset, std::min(options_.max_range_bytes, rest), total_bytes};
  Exchange& exchange = transfers_->Begin(Op::kFetchLayer,
                                         PathOf("/device/v1/layers/", hash),
                                         206,
                                         {read_ahead_.bytes.get(), range.count});
  transfers_->SetRange(range);
  const Status finished = transfers_->Finish();
  const std::size_t good = finished.ok() ? exchange.received : GoodPrefix(exchange);
  if (good == 0) {
    constexpr Error kOutside = Fail(Code::kCloudRefused, Op::kFetchLayer, 416);
    return finished.error() == kOutside ? Fail(Code::kLayerTooShort, Op::kFetchLayer, offset)
                                        : finished.error();
  }
  read_ahead_.hash = hash;
  read_ahead_.next_offset = offset;
  read_ahead_.end = good;
  return good;
}

Result<std::size_t> CurlCloud::FetchLayer(const Digest& hash,
                                          std::uint32_t offset,
                                          std::uint32_t total_bytes,
                                          MutableByteSpan out) {
  if (out.empty()) {
    return Fail(Code::kInvalidArgument, Op::kFetchLayer);
  }
  if (offset == 0xFFFFFFFF || (total_bytes != 0 && offset >= total_bytes)) {
    return Fail(Code::kLayerTooShort, Op::kFetchLayer, offset);
  }
  // Only reading on is served from memory: who asks again for the same bytes doubts them.
  const bool reads_on = read_ahead_.start < read_ahead_.end && read_ahead_.next_offset == offset &&
                        read_ahead_.hash == hash;
  if (!reads_on) {
    STRATA_TRY(FillReadAhead(hash, offset, total_bytes));
  }
  const std::size_t count = std::min(out.size(), read_ahead_.end - read_ahead_.start);
  std::copy_n(read_ahead_.bytes.get() + read_ahead_.start, count, out.begin());
  read_ahead_.start += count;
  read_ahead_.next_offset += static_cast<std::uint32_t>(count);
  return count;
}

Status CurlCloud::Post(std::string_view path, ByteSpan body, Op op) {
  transfers_->Begin(op, std::string(path), 204, {});
  transfers_->SetPost(body, "application/x-protobuf");
  return transfers_->Finish();
}

Status CurlCloud::SendReport(ByteSpan report) {
  return Post("/device/v1/reports", report, Op::kReport);
}

Status CurlCloud::SendReceipt(ByteSpan receipt) {
  return Post("/device/v1/receipts", receipt, Op::kReport);
}

Result<std::size_t> CurlCloud::RenewCertificate(ByteSpan request, MutableByteSpan out) {
  Exchange& exchange = transfers_->Begin(Op::kReport, "/device/v1/certificate", 200, out);
  transfers_->SetPost(request, "application/pkcs10");
  STRATA_TRY(transfers_->Finish());
  return exchange.received;
}

bool CurlCloud::StartLogs(ByteSpan batch) {
  return transfers_->StartLogs(batch);
}

std::optional<Status> CurlCloud::TakeLogsAnswer() {
  return transfers_->TakeLogsAnswer();
}

std::optional<bool> CurlCloud::logging_enabled() const {
  return transfers_->logging_enabled();
}

void CurlCloud::PinAuthorities(std::string pem) {
  if (pem != options_.pinned_authorities) {
    options_.pinned_authorities = std::move(pem);
    Reconnect();
  }
}

void CurlCloud::Reconnect() {
  if (transfers_->connected()) {
    transfers_->SetConnected(false);
    transfers_->SetConnected(true);
  }
}

bool CurlCloud::connected() const {
  return transfers_->connected();
}

bool CurlCloud::refused() const {
  return transfers_->refused();
}

void CurlCloud::Wait(std::span<const int> fds, std::chrono::milliseconds timeout) {
  transfers_->Wait(fds, timeout);
}

}  // namespace strata::device
