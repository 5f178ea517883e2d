// SPDX-License-Identifier: Apache-2.0
#include "renewal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <mbedtls/pem.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <sys/random.h>
#include <unistd.h>

#include "strata/core/secure.hpp"
#include "strata/platform/linux/unique_fd.hpp"

#include "files.hpp"
#include "pem_keys.hpp"

namespace strata::device {
namespace {

constexpr std::size_t kMaxPemBytes = 16 * 1024;
constexpr std::size_t kMaxRequestBytes = 2048;

/// A Mbed TLS object with its init and free.
template <typename T, void (*kInit)(T*), void (*kFree)(T*)>
class Mbed {
 public:
  Mbed() { kInit(&object_); }

  Mbed(const Mbed&) = delete;
  Mbed& operator=(const Mbed&) = delete;

  ~Mbed() { kFree(&object_); }

  T* get() { return &object_; }

  T* operator->() { return &object_; }

 private:
  T object_{};
};

using Certificate = Mbed<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;
using Request = Mbed<mbedtls_x509write_csr, mbedtls_x509write_csr_init, mbedtls_x509write_csr_free>;
using Key = Mbed<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;

const unsigned char* Unsigned(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}

int Randomness(void*, unsigned char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::getrandom(out, size, 0);
    if (got <= 0 && errno != EINTR) {
      return MBEDTLS_ERR_PK_ALLOC_FAILED;
    }
    if (got > 0) {
      out += got;
      size -= static_cast<std::size_t>(got);
    }
  }
  return 0;
}

std::int64_t SecondsOf(const mbedtls_x509_time& time) {
  std::tm parts{};
  parts.tm_year = time.year - 1900;
  parts.tm_mon = time.mon - 1;
  parts.tm_mday = time.day;
  parts.tm_hour = time.hour;
  parts.tm_min = time.min;
  parts.tm_sec = time.sec;
  return ::timegm(&parts);
}

Validity ValidityOf(Certificate& certificate) {
  return {SecondsOf(certificate->valid_from), SecondsOf(certificate->valid_to)};
}

Failure Unusable(const char* why) {
  return {Fail(Code::kCloudProtocol, Op::kReport),
          std::string("the certificate that the cloud gave ") + why};
}

/// PEM, with the line end that files have.
Expected<std::string> ToPem(ByteSpan der) {
  std::array<unsigned char, 2 * kMaxRenewedBytes> text{};
  std::size_t length = 0;
  if (mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n",
                               "-----END CERTIFICATE-----\n",
                               der.data(),
                               der.size(),
                               text.data(),
                               text.size(),
                               &length) != 0) {
    return Unusable("is too large");
  }
  return std::string(reinterpret_cast<const char*>(text.data()), length - 1);
}

Outcome WriteBeside(const std::filesystem::path& file, const std::string& text) {
  const UniqueFd fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0 || !WriteAllAt(fd.get(), AsBytes(text), 0) || ::fsync(fd.get()) != 0) {
    return FileFailure("write", file, errno);
  }
  return Done{};
}

}  // namespace

Expected<Validity> ReadValidity(const std::filesystem::path& certificate_file) {
  const auto text = ReadSmallFile(certificate_file, kMaxPemBytes);
  if (!text.ok()) {
    return text.failure();
  }
  Certificate certificate;
  if (mbedtls_x509_crt_parse(certificate.get(), Unsigned(*text), text->size() + 1) != 0) {
    return Failure{Fail(Code::kKeyInvalid, Op::kReadFile),
                   certificate_file.string() + " is not a certificate in PEM form"};
  }
  return ValidityOf(certificate);
}

bool IsDue(const Validity& validity, std::int64_t now) {
  return now >= validity.begin + (validity.end - validity.begin) / 3 * 2;
}

Expected<std::string> MakeRenewalRequest(const std::filesystem::path& key_file) {
  PrivateKey scalar{};
  const auto checked = ReadPrivateKeyPem(key_file, scalar);
  SecureZero(scalar);
  if (!checked.ok()) {
    return checked.failure();
  }
  auto text = ReadSmallFile(key_file, kMaxPemBytes);
  if (!text.ok()) {
    return text.failure();
  }
  Key key;
  const int parsed = mbedtls_pk_parse_key(key.get(), Unsigned(*text), text->size() + 1, nullptr, 0);
  SecureZero({reinterpret_cast<std::uint8_t*>(text->data()), text->size()});
  Request request;
  mbedtls_x509write_csr_set_md_alg(request.get(), MBEDTLS_MD_SHA256);
  mbedtls_x509write_csr_set_key(request.get(), key.get());
  std::array<unsigned char, kMaxRequestBytes> der{};
  int size = MBEDTLS_ERR_PK_BAD_INPUT_DATA;
  if (parsed == 0 && mbedtls_x509write_csr_set_subject_name(request.get(), "CN=device") == 0) {
    size = mbedtls_x509write_csr_der(request.get(), der.data(), der.size(), Randomness, nullptr);
  }
  if (size <= 0) {
    return Failure{Fail(Code::kCryptoFailed, Op::kSign), "can't make a certificate request"};
  }
  // Mbed TLS writes from the end.
  const auto length = static_cast<std::size_t>(size);
  return std::string(reinterpret_cast<const char*>(der.data() + der.size() - length), length);
}

Outcome ReplaceCertificate(const std::filesystem::path& certificate_file,
                           const std::filesystem::path& key_file,
                           ByteSpan der,
                           std::int64_t least_end) {
  Certificate certificate;
  if (mbedtls_x509_crt_parse_der(certificate.get(), der.data(), der.size()) != 0 ||
      certificate->raw.len != der.size()) {
    return Unusable("is not a certificate");
  }
  if (ValidityOf(certificate).end < least_end) {
    return Unusable("ends before the present one");
  }
  const auto pem = ToPem(der);
  if (!pem.ok()) {
    return pem.failure();
  }
  const std::filesystem::path beside = certificate_file.string() + ".new";
  if (Outcome written = WriteBeside(beside, *pem); !written.ok()) {
    return written;
  }
  PrivateKey scalar{};
  const auto own = ReadPrivateKeyPem(key_file, scalar);
  SecureZero(scalar);
  const auto certified = ReadCertificateKeyPem(beside);
  if (!own.ok() || !certified.ok() || *own != *certified) {
    ::unlink(beside.c_str());
    return own.ok() ? Unusable("is for another key") : own.failure();
  }
  return RenameDurably(beside, certificate_file);
}

Renewal::Renewal(std::filesystem::path certificate_file,
                 std::filesystem::path key_file,
                 Ask ask,
                 Log& log)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)),
      ask_(std::move(ask)),
      log_(log) {
  if (const auto validity = ReadValidity(certificate_file_); validity.ok()) {
    validity_ = *validity;
  }
}

bool Renewal::Step(std::int64_t now, SteadyTime steady_now, bool refused) {
  if (steady_now < not_before_ || (!refused && !IsDue(validity_, now))) {
    return false;
  }
  const Outcome renewed = Renew(refused ? 0 : validity_.end);
  not_before_ = steady_now + pause_;
  if (!renewed.ok()) {
    pause_ = std::min(2 * pause_, kLongestPause);
    const std::string words = "cannot renew the certificate: " + renewed.failure().message;
    if (words != std::exchange(told_, words)) {
      log_.Line(words);
    }
    return false;
  }
  // A cloud that refuses although the certificate is fresh is not asked again in a circle.
  pause_ = refused ? std::min(2 * pause_, kLongestPause) : kFirstPause;
  told_.clear();
  log_.Line("certificate renewed, good until " + IsoTime(validity_.end));
  return true;
}

Outcome Renewal::Renew(std::int64_t least_end) {
  const auto request = MakeRenewalRequest(key_file_);
  if (!request.ok()) {
    return request.failure();
  }
  std::array<std::uint8_t, kMaxRenewedBytes> answer{};
  const Result<std::size_t> size = ask_(AsBytes(*request), answer);
  if (!size.ok()) {
    return Failure{size.error(), Describe(size.error())};
  }
  if (Outcome replaced = ReplaceCertificate(
          certificate_file_, key_file_, ByteSpan(answer).first(*size), least_end);
      !replaced.ok()) {
    return replaced;
  }
  const auto validity = ReadValidity(certificate_file_);
  if (!validity.ok()) {
    return validity.failure();
  }
  validity_ = *validity;
  return Done{};
}

}  // namespace strata::device
