// SPDX-License-Identifier: Apache-2.0
#include "support/trace.hpp"

namespace strata::cli {
namespace {

class TracedClient final : public HttpClient {
 public:
  TracedClient(std::unique_ptr<HttpClient> client, TraceLine say)
      : client_(std::move(client)), say_(std::move(say)) {}

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    say_(request.method + " " + request.path);
    return Told(client_->Send(request));
  }

  Expected<HttpResponse> Stream(const HttpRequest& request,
                                const std::function<bool(std::string_view)>& take) override {
    say_(request.method + " " + request.path + " (stream)");
    return Told(client_->Stream(request, take));
  }

 private:
  Expected<HttpResponse> Told(Expected<HttpResponse> response) const {
    if (!response.ok()) {
      say_(response.error().message);
      return response;
    }
    const std::string& id = response.value().request_id;
    say_("status " + std::to_string(response.value().status) +
         (id.empty() ? "" : ", Twilio-Request-Id " + id));
    return response;
  }

  std::unique_ptr<HttpClient> client_;
  TraceLine say_;
};

}  // namespace

std::unique_ptr<HttpClient> Traced(std::unique_ptr<HttpClient> client, TraceLine say) {
  return std::make_unique<TracedClient>(std::move(client), std::move(say));
}

}  // namespace strata::cli
