// SPDX-License-Identifier: Apache-2.0
/// For tests: the whole program over a scratch directory, captured streams, and a cloud that
/// answers from a list.
#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/run.hpp"

namespace strata::cli {

/// Of the device and the account that the tests' cloud tells of.
inline constexpr const char* kSid = "UV00112233445566778899aabbccddeeff";
inline constexpr const char* kAccount = "AC00112233445566778899aabbccddeeff";

/// What the fake cloud was asked and will answer.
struct MockCloud {
  std::vector<Connection> connections;
  std::vector<HttpRequest> requests;
  std::deque<Expected<HttpResponse>> answers;
  /// Called instead of the list when set.
  std::function<Expected<HttpResponse>(const HttpRequest&)> handler;

  void Answer(int status, std::string body) {
    answers.emplace_back(HttpResponse{status, std::move(body)});
  }
};

class MockClient final : public HttpClient {
 public:
  explicit MockClient(MockCloud& cloud) : cloud_(cloud) {}

  /// The body of a good answer is the stream.
  Expected<HttpResponse> Stream(const HttpRequest& request,
                                const std::function<bool(std::string_view)>& take) override {
    Expected<HttpResponse> answer = Send(request);
    if (answer.ok() && answer.value().status == 200) {
      static_cast<void>(take(answer.value().body));
      answer.value().body.clear();
    }
    return answer;
  }

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    cloud_.requests.push_back(request);
    if (cloud_.handler) {
      return cloud_.handler(request);
    }
    if (cloud_.answers.empty()) {
      return Local(Code::kCloudUnreachable, "no answer was prepared");
    }
    Expected<HttpResponse> answer = std::move(cloud_.answers.front());
    cloud_.answers.pop_front();
    return answer;
  }

 private:
  MockCloud& cloud_;
};

class TestBed : public testing::Test {
 protected:
  TestBed() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-cli-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
    env_ = {{"STRATA_CONFIG_DIR", (dir_ / "config").string()}};
  }

  ~TestBed() override {
    std::error_code error;
    std::filesystem::remove_all(dir_, error);
  }

  /// Credentials in the environment, so that a verb finds a cloud without a profile.
  void SignInByEnvironment() {
    env_["STRATA_URL"] = "https://cloud.example:8443";
    env_["STRATA_ACCOUNT_SID"] = "AC00000000000000000000000000000000";
    env_["STRATA_AUTH_TOKEN"] = "token-of-the-environment";
  }

  int Run(const std::vector<std::string>& arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Context context{
        .in = in,
        .out = out,
        .err = err,
        .in_is_tty = false,
        .err_is_tty = err_is_tty_,
        .env = Environment(env_),
        .make_client =
            [this](const Connection& connection) -> Expected<std::unique_ptr<HttpClient>> {
          cloud_.connections.push_back(connection);
          std::unique_ptr<HttpClient> client = std::make_unique<MockClient>(cloud_);
          return client;
        },
        .sleep = [this](std::chrono::milliseconds time) { clock_ += time; },
        .now = [this] { return clock_; },
        .wall_now = [this] { return wall_; },
        .run_program = [this](const std::vector<std::string>& words,
                              bool /*quiet*/) -> Expected<int> {
          programs_.push_back(words);
          return on_program_ ? on_program_(words) : 0;
        }};
    const int code = cli::Run("strata", arguments, context);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  [[nodiscard]] std::string Path(const std::string& name) const { return (dir_ / name).string(); }

  [[nodiscard]] std::string Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }

  [[nodiscard]] static std::string Read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  [[nodiscard]] static unsigned ModeOf(const std::filesystem::path& file) {
    struct stat info {};

    return ::stat(file.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }

  /// Names in the scratch directory, to see that nothing was left behind.
  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path dir_;
  std::map<std::string, std::string> env_;
  MockCloud cloud_;
  std::chrono::steady_clock::time_point clock_;
  std::chrono::system_clock::time_point wall_;
  std::vector<std::vector<std::string>> programs_;  ///< that were run, by a fake
  std::function<int(const std::vector<std::string>&)> on_program_;
  bool err_is_tty_ = false;
  std::string out_;
  std::string err_;
};

}  // namespace strata::cli
