// SPDX-License-Identifier: Apache-2.0
#include "webhooks/webhooks.hpp"

#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr const char* kCollection = "/v1/Webhooks";

std::string PathOf(const std::string& sid) {
  return std::string(kCollection) + "/" + PercentEncode(sid);
}

void AddCreate(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "create",
                           "Make a webhook; the secret that signs its deliveries is shown once",
                           "strata webhooks create https://ops.example.com/strata");
  auto options = std::make_shared<CreateWebhookOptions>();
  verb.add_option("URL", options->url, "Where events are posted; https")->required();
  verb.add_option(
      "--friendly-name", options->friendly_name, "A name for people, up to 64 characters");
  Bind(verb, session, options, RunCreateWebhook);
}

void AddLists(CLI::App& noun, Session& session) {
  CLI::App& all =
      AddVerb(noun, session, "list", "List webhooks, newest first", "strata webhooks list");
  auto list = std::make_shared<ListWebhooksOptions>();
  AddListOptions(all, list->list);
  Bind(all, session, list, RunListWebhooks);
  CLI::App& dead = AddVerb(noun,
                           session,
                           "dead-letters",
                           "List deliveries that were given up, newest event first",
                           "strata webhooks dead-letters --sid WH...");
  auto letters = std::make_shared<ListWebhooksOptions>();
  AddSidOption(dead, letters->sid, {}, UniqueNames::kNo);
  AddListOptions(dead, letters->list);
  Bind(dead, session, letters, RunListDeadLetters);
}

void AddOnOne(CLI::App& noun, Session& session) {
  CLI::App& remove = AddVerb(noun,
                             session,
                             "remove",
                             "Remove a webhook and what is on its way to it",
                             "strata webhooks remove --sid WH...");
  auto removed = std::make_shared<WebhookOptions>();
  AddSidOption(remove, removed->sid, {}, UniqueNames::kNo);
  Bind(remove, session, removed, RunRemoveWebhook);
  CLI::App& test = AddVerb(noun,
                           session,
                           "test",
                           "Send a webhook an event of the type webhook.test",
                           "strata webhooks test --sid WH...");
  auto tested = std::make_shared<WebhookOptions>();
  AddSidOption(test, tested->sid, {}, UniqueNames::kNo);
  Bind(test, session, tested, RunTestWebhook);
  CLI::App& resend = AddVerb(noun,
                             session,
                             "resend",
                             "Send deliveries that were given up again, all of a webhook or one",
                             "strata webhooks resend --sid WH... --event 1234");
  auto resent = std::make_shared<ResendOptions>();
  AddSidOption(resend, resent->sid, {}, UniqueNames::kNo);
  resend.add_option(
      "--event", resent->event, "Only that event's: its id, as dead-letters shows it");
  Bind(resend, session, resent, RunResend);
}

}  // namespace

Outcome RunCreateWebhook(const CreateWebhookOptions& options, Session& session) {
  Fields form{{"Url", options.url}};
  if (!options.friendly_name.empty()) {
    form.emplace_back("FriendlyName", options.friendly_name);
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject webhook, api.Post(kCollection, form));
  WriteResource(session, webhook, "sid,webhookUrl,friendlyName,secret");
  session.Info("Keep the secret now: it is not shown again");
  return Done{};
}

Outcome RunListWebhooks(const ListWebhooksOptions& options, Session& session) {
  return ShowList(
      session, kCollection, "webhooks", "sid,webhookUrl,friendlyName,dateCreated", options.list);
}

Outcome RunRemoveWebhook(const WebhookOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "webhook", UniqueNames::kNo));
  return RemoveResource(session, PathOf(options.sid));
}

Outcome RunTestWebhook(const WebhookOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "webhook", UniqueNames::kNo));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY(api.Post(PathOf(options.sid) + "/Test", {}));
  session.Info("An event webhook.test is on its way");
  return Done{};
}

Outcome RunResend(const ResendOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "webhook", UniqueNames::kNo));
  Fields form;
  if (!options.event.empty()) {
    form.emplace_back("Event", options.event);
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject answer, api.Post(PathOf(options.sid) + "/Resend", form));
  const std::uint64_t count = NumberField(answer, "resent");
  WriteResource(session, answer, "resent");
  session.Info(count == 0 ? "There was nothing to send again"
                          : std::to_string(count) + " on their way again");
  return Done{};
}

Outcome RunListDeadLetters(const ListWebhooksOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "webhook", UniqueNames::kNo));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(std::vector<JsonObject> letters,
                    api.List(PathOf(options.sid) + "/DeadLetters", "dead_letters", options.list));
  for (JsonObject& letter : letters) {
    const JsonObject event = ObjectField(letter, "event");
    letter["event_id"] = NumberField(event, "id");
    letter["event_type"] = TextField(event, "type");
  }
  WriteResources(session, letters, "eventId,eventType,dateGivenUp,attempts,lastStatus,lastError");
  return Done{};
}

void AddWebhooks(CLI::App& noun, Session& session) {
  AddCreate(noun, session);
  AddLists(noun, session);
  AddOnOne(noun, session);
}

}  // namespace strata::cli
