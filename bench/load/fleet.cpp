// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <fstream>
#include <thread>

#include <boost/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <unistd.h>

#include "load.hpp"

namespace strata::bench {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct FreeRequest {
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// What `write` puts into a BIO.
template <typename Write>
std::string Pem(Write write) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string RequestFor(EVP_PKEY* key) {
  const std::unique_ptr<X509_REQ, FreeRequest> request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), key, EVP_sha256());
  return Pem([&](BIO* bio) { PEM_write_bio_X509_REQ(bio, request.get()); });
}

std::string FormEncoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    std::array<char, 4> code{};
    std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
    out += plain ? std::string(1, c) : std::string(code.data());
  }
  return out;
}

std::string FileOf(const FleetOptions& options, unsigned number) {
  return options.directory + "/" + std::to_string(number) + ".pem";
}

std::string HostHeader(const Url& url) {
  return "Host: " + url.host + ":" + std::to_string(url.port) + "\r\n";
}

/// Calls `work(number)` for each number of the fleet, on a few threads.
template <typename Work>
void ForEach(const FleetOptions& options, Work work) {
  constexpr unsigned kThreads = 8;
  std::vector<std::thread> threads;
  for (unsigned first = 0; first < kThreads; ++first) {
    threads.emplace_back([&options, &work, first] {
      for (unsigned i = first; i < options.count; i += kThreads) {
        work(i);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

std::unique_ptr<Connection> StartWaiting(const FleetOptions& options, unsigned number) {
  const Context context = MakeContext(FileOf(options, number));
  auto connection = std::make_unique<Connection>(options.url, context.get());
  const std::string head = "GET /device/v1/desired HTTP/1.1\r\n" + HostHeader(options.url);
  const Answer now = Exchange(*connection, head + "\r\n");
  const std::string etag = now.Header("ETag");
  if (now.status() != 200 || etag.empty()) {
    Die("the desired state came with status " + std::to_string(now.status()));
  }
  connection->Send(head + "If-None-Match: " + etag + "\r\nPrefer: wait=300\r\n\r\n");
  return connection;
}

}  // namespace

void RunProvision(const FleetOptions& options) {
  const Context context = MakeContext("");
  ForEach(options, [&](unsigned number) {
    thread_local const Connection connection(options.url, context.get());
    const Key key(EVP_EC_gen("P-256"));
    const std::string form = "Csr=" + FormEncoded(RequestFor(key.get()));
    const Answer answer =
        Exchange(connection,
                 "POST /v1/Devices HTTP/1.1\r\n" + HostHeader(options.url) + AuthorizationHeader() +
                     "Content-Type: application/x-www-form-urlencoded\r\n" +
                     "Content-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form);
    if (answer.status() != 201) {
      Die("a device was refused: " + answer.body());
    }
    const boost::json::value device = boost::json::parse(answer.body());
    std::ofstream file(FileOf(options, number));
    file << device.at("certificate").as_string().c_str() << Pem([&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  });
}

void RunPolls(const FleetOptions& options) {
  std::vector<std::unique_ptr<Connection>> connections(options.count);
  ForEach(options, [&](unsigned number) { connections[number] = StartWaiting(options, number); });
  std::printf("waiting %zu\n", connections.size());
  std::fflush(stdout);
  char ignored = 0;
  while (read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  for (const auto& connection : connections) {
    pollfd state{.fd = connection->fd(), .events = POLLIN, .revents = 0};
    if (poll(&state, 1, 0) != 0) {
      Die("a device did not wait as long as the others");
    }
  }
}

}  // namespace strata::bench
