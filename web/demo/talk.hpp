#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"
#include "web/demo/demo.hpp"

namespace kanal::demo {

/// `form` is the one that an office has had for years.
enum class Medium { twitter, email, sms, gateway, form };
inline constexpr Medium k_media[] = {Medium::twitter, Medium::email, Medium::sms, Medium::gateway,
                                     Medium::form};
std::string_view name(Medium medium);
std::optional<Medium> medium_of(std::string_view name);
/// Whether one message can answer another there.
bool has_threads(Medium medium);

/// The newcomer, as each channel knows them; one for each browser.
struct Citizen {
  std::string handle;
  std::string phone;
  std::string second_phone;
  std::string address;
  std::string form_user;
  /// As whom they write there.
  [[nodiscard]] const std::string& as(Medium medium) const;
};
/// Who a browser plays, by the random key that it holds; `office` is our address.
Citizen citizen_of(std::string_view key, std::string_view office);

/// One message between the citizen and the office, as it stands on the channel.
struct Said {
  std::string id;
  bool by_office = false;
  std::string subject;  ///< of mails
  std::string text;
  std::optional<Time> at;
  bool direct = false;  ///< for nobody else's eyes, where others are public
};

struct Saying {
  std::string subject;
  std::string text;
  std::string in_reply_to;  ///< id of what is answered; empty: something new
  bool direct = false;
};

/// Asks a control API; an error tells what it answered.
Result<std::string> order(Http& http, const std::string& method, const std::string& url,
                          const std::string& body = {});

/// The far sides of the channels, asked as their control APIs want it. Safe from any thread.
class FarSides {
 public:
  FarSides(const DemoStage& stage, Http& http) : stage_(stage), http_(http) {}
  [[nodiscard]] bool has(Medium medium) const { return !control(medium).empty(); }
  /// What passed between the citizen and the office, oldest first; the newest 100.
  [[nodiscard]] Result<std::vector<Said>> talk(Medium medium, const Citizen& citizen) const;
  [[nodiscard]] Result<> say(Medium medium, const Citizen& citizen, const Saying& saying) const;

 private:
  [[nodiscard]] const std::string& control(Medium medium) const;

  const DemoStage& stage_;
  Http& http_;
};

}  // namespace kanal::demo
