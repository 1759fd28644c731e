#include "connectors/sms_gateway/submit.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/far_system.hpp"
#include "connectors/sms_gateway/verify.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "format/sms_address.hpp"
#include "format/unicode.hpp"

namespace kanal::sms_gateway {
namespace {

constexpr std::size_t k_most_answer_bytes = 256U << 10U;
constexpr std::size_t k_most_said = 200;
constexpr std::chrono::seconds k_patience{10};

std::string without_plus(const std::string& number) {
  return number.starts_with('+') ? number.substr(1) : number;
}

void take_form(HttpCall& call, const Fields& fields) {
  call.method = "POST";
  call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  call.body = print_form(fields);
}

/// Kannel User Guide, "sendsms" by POST: neither password nor text stands in an address, and no
/// client sends a POST twice by itself.
void begin_kannel(HttpCall& call, const Settings& settings, const Login& login) {
  call.method = "POST";
  call.headers = {{"Content-Type", "text/plain; charset=UTF-8"},
                  {"X-Kannel-Username", settings.user},
                  {"X-Kannel-Password", login.password}};
}

void compose_kannel(HttpCall& call, const Reply& reply, const SmsText& sms,
                    const Settings& settings, const Login& login) {
  begin_kannel(call, settings, login);
  call.headers.emplace_back("X-Kannel-From", settings.source);
  call.headers.emplace_back("X-Kannel-To", reply.address);
  call.headers.emplace_back("X-Kannel-Coding", sms.coding == SmsText::Coding::ucs2 ? "2" : "0");
  if (!settings.public_url.empty()) {
    constexpr int k_delivered_failed_rejected = 1 + 2 + 16;
    call.headers.emplace_back("X-Kannel-DLR-Mask", std::to_string(k_delivered_failed_rejected));
    // Kannel's own ids differ from callback to callback: ours goes along.
    call.headers.emplace_back("X-Kannel-DLR-Url",
                              settings.public_url + '/' + percent_encode(login.secret) +
                                  "/dlr?status=%d&key=" + percent_encode(reply.key));
  }
  call.body = sms.text;
}

void compose_standard(HttpCall& call, const Reply& reply, const SmsText& sms,
                      const Settings& settings, const Login& login, Time now) {
  JsonWriter json;
  json.begin_object()
      .member("key", reply.key)
      .member("from", settings.source)
      .member("to", reply.address)
      .member("text", sms.text)
      .member("segments", sms.segments.size())
      .end_object();
  call.method = "POST";
  call.body = json.take();
  call.headers.emplace_back("Content-Type", "application/json");
  const auto at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto stamp = std::to_string(at);
  auto id = reply.key;
  std::ranges::replace(id, '.', '-');
  call.headers.emplace_back("webhook-id", id);
  call.headers.emplace_back("webhook-timestamp", stamp);
  call.headers.emplace_back("webhook-signature",
                            standard_signature(login.secret, id, stamp, call.body));
}

std::string said(const HttpReply& answer) {
  return " (it said: " + scrub_utf8(clip_utf8(trim(answer.body), k_most_said)) + ")";
}

tl::unexpected<Error> refused(const HttpReply& answer) {
  const auto status = "the provider answered " + std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403 || answer.status == 402) {
    return fail(Remedy::reconfigure, status + "; check user, password and balance" + said(answer));
  }
  if (is_wrong_address(answer.status)) {
    return fail(Remedy::reconfigure, status + "; check send_url" + said(answer));
  }
  if (answer.status == 429) {
    int seconds = 0;
    const auto told = answer.header("retry-after");
    std::from_chars(told.data(), told.data() + told.size(), seconds);
    return fail(Remedy::throttled, status,
                seconds > 0 ? std::chrono::seconds(std::min(seconds, 3600)) : k_patience);
  }
  if (answer.status == 503 || answer.status == 408) return fail(Remedy::retry, status);
  // A proxy may say so of a request that was carried out behind it.
  if (answer.status >= 500) return fail(Remedy::uncertain, status);
  return fail(Remedy::drop, status + said(answer));
}

/// Vonage answers 200 whatever happened.
Result<Receipt> judge_vonage(const HttpReply& answer) {
  const auto json = Json::parse(answer.body);
  const auto* const messages = json ? json->find("messages") : nullptr;
  if (messages == nullptr || messages->array.empty()) {
    return fail(Remedy::uncertain, "the provider's answer cannot be read");
  }
  const auto status_of = [](const Json& message) { return message.text("status"); };
  const bool any_taken = std::ranges::count(messages->array, "0", status_of) > 0;
  for (const auto& message : messages->array) {
    const auto status = status_of(message);
    if (status == "0") continue;
    const auto why = "the provider answered status " + scrub_utf8(clip_utf8(status, 20)) + ": " +
                     scrub_utf8(clip_utf8(message.text("error-text"), k_most_said));
    // A part of it is on its way.
    if (any_taken) return fail(Remedy::uncertain, why);
    if (status == "1") return fail(Remedy::throttled, why, std::chrono::seconds(1));
    if (status == "5") return fail(Remedy::retry, why);
    if (status == "4" || status == "8" || status == "9" || status == "14") {
      return fail(Remedy::reconfigure, why);
    }
    return fail(Remedy::drop, why);
  }
  return Receipt{ExternalId(messages->array.back().text("message-id")), false};
}

Result<Receipt> judge_kannel(const HttpReply& answer) {
  // "0: Accepted for delivery", "3: Queued for later delivery" (User Guide, "Sending SMS").
  if (answer.status == 202 || answer.status == 200) return Receipt{};
  if (answer.status == 503)
    return fail(Remedy::throttled, "Kannel has no room just now", k_patience);
  return refused(answer);
}

}  // namespace

Result<HttpCall> compose(const Reply& reply, const Settings& settings, const Login& login,
                         Time now) {
  if (!is_answerable_number(reply.address)) {
    return fail(Remedy::drop, "the address is no number that can be answered");
  }
  const auto sms = text_of(reply, settings);
  HttpCall call;
  call.timeout_ms = settings.timeout_s;
  call.most_bytes = k_most_answer_bytes;
  call.allow_private = settings.private_network;
  call.url = settings.send_url;
  const bool wide = sms.coding == SmsText::Coding::ucs2;
  const auto report_to = settings.public_url.empty() ? "" : settings.public_url + "/dlr";
  if (settings.provider == Provider::kannel) {
    compose_kannel(call, reply, sms, settings, login);
  } else if (settings.provider == Provider::twilio) {
    const auto base = call.url.empty() ? "https://api.twilio.com" : call.url;
    call.url = base + "/2010-04-01/Accounts/" + percent_encode(settings.user) + "/Messages.json";
    const auto& token = login.password.empty() ? login.secret : login.password;
    call.headers.emplace_back("Authorization", "Basic " + to_base64(settings.user + ':' + token));
    take_form(call, {{"To", reply.address},
                     {"From", settings.source},
                     {"Body", sms.text},
                     {"StatusCallback", report_to}});
  } else if (settings.provider == Provider::vonage) {
    if (call.url.empty()) call.url = "https://rest.nexmo.com/sms/json";
    take_form(call, {{"api_key", settings.user},
                     {"api_secret", login.password},
                     {"to", without_plus(reply.address)},
                     {"from", settings.source},
                     {"text", sms.text},
                     {"type", wide ? "unicode" : "text"},
                     {"client-ref", reply.key},
                     {"callback", report_to}});
  } else if (settings.provider == Provider::messagebird) {
    if (call.url.empty()) call.url = "https://rest.messagebird.com/messages";
    call.headers.emplace_back("Authorization", "AccessKey " + login.password);
    take_form(call, {{"recipients", without_plus(reply.address)},
                     {"originator", settings.source},
                     {"body", sms.text},
                     {"datacoding", wide ? "unicode" : "plain"},
                     {"reference", reply.key},
                     {"reportUrl", report_to}});
  } else {
    compose_standard(call, reply, sms, settings, login, now);
  }
  return call;
}

SmsText text_of(const Reply& reply, const Settings& settings) {
  return fit_sms(reply.text, static_cast<std::size_t>(settings.most_segments));
}

HttpCall compose_probe(const Settings& settings, const Login& login) {
  HttpCall call;
  call.timeout_ms = settings.timeout_s;
  call.most_bytes = k_most_answer_bytes;
  call.allow_private = settings.private_network;
  call.url = settings.send_url;
  const auto& token = login.password.empty() ? login.secret : login.password;
  if (settings.provider == Provider::kannel) {
    // It looks at the login first, and then misses a receiver.
    begin_kannel(call, settings, login);
    call.body = "Kanal";
  } else if (settings.provider == Provider::twilio) {
    const auto base = call.url.empty() ? "https://api.twilio.com" : call.url;
    call.url = base + "/2010-04-01/Accounts/" + percent_encode(settings.user) + ".json";
    call.headers.emplace_back("Authorization", "Basic " + to_base64(settings.user + ':' + token));
  } else if (settings.provider == Provider::vonage) {
    if (call.url.empty()) call.url = "https://rest.nexmo.com/account/get-balance";
    call.url += '?' + print_form({{"api_key", settings.user}, {"api_secret", login.password}});
  } else if (settings.provider == Provider::messagebird) {
    if (call.url.empty()) call.url = "https://rest.messagebird.com/balance";
    call.headers.emplace_back("Authorization", "AccessKey " + login.password);
  }
  return call;
}

Result<> judge_probe(const HttpReply& answer) {
  const bool refusal = answer.status == 401 || answer.status == 402 || answer.status == 403;
  if (refusal || answer.status == 429 || answer.status >= 500) return refused(answer);
  return {};
}

Result<Receipt> judge(const HttpReply& answer, const Settings& settings) {
  if (settings.provider == Provider::kannel) return judge_kannel(answer);
  if (answer.status < 200 || answer.status > 299) return refused(answer);
  if (settings.provider == Provider::vonage) return judge_vonage(answer);
  const auto json = Json::parse(answer.body);
  const auto id = !json                                   ? std::string()
                  : settings.provider == Provider::twilio ? json->text("sid")
                                                          : json->text("id");
  return Receipt{ExternalId(scrub_utf8(clip_utf8(id, k_most_said))), false};
}

}  // namespace kanal::sms_gateway
