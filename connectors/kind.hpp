#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/keys.hpp"
#include "config/organisation.hpp"
#include "config/reader.hpp"
#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/wording.hpp"
#include "net/http_client.hpp"
#include "net/mail_pipe.hpp"

namespace kanal {

/// What a connector may lean on; all of it outlives the connector.
struct Surroundings {
  const Clock& clock;
  const Keys& keys;
  const Organisation& organisation;
  Http& http;
  Mail& mail;
  std::filesystem::path spool;  ///< a directory for files on their way in
};

/// Whether offices can be handed reports by a kind, and how they answer on it.
enum class Handing { none, writes, is_asked };

/// How the answers of a kind go out.
struct Manner {
  Length length = Length::full;  ///< which wordings fit
  bool answers = true;  ///< by the channel itself; else by mail, to an address that was left
  bool links = true;    ///< false: a link is dear or unwelcome, so the report's number stands alone
  bool sender_ids = false;  ///< ids of posts are the senders' choice (Message-ID, a form's token):
                            ///< of two with one id that differ in time and text neither is a repeat
  bool in_public = false;   ///< anybody can read the answers
  bool hears_itself = false;  ///< a message to its own address comes back as a post
  Handing handing = Handing::none;
};

/// What is wrong with settings that each are in bounds, by key; empty: nothing. Whoever says so
/// touches no network.
using WrongSettings = std::vector<std::pair<std::string, std::string>>;

/// One kind of channel: what can be set, and how a connector of it is made. One line in kinds.def.
class Kind {
 public:
  virtual ~Kind() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view about() const = 0;
  /// What people call a channel of this kind: "Surel", "Email".
  [[nodiscard]] virtual std::string_view title(std::string_view language) const = 0;
  /// What a channel of this kind can be set to; for schema, documentation and the console's form.
  [[nodiscard]] virtual Description settings() const = 0;
  [[nodiscard]] virtual Manner manner() const { return {}; }
  /// Reads the settings into `problems` as far as they are wrong; touches no network.
  /// `organisation`: whose offices and categories they may name; nullptr: those are not known.
  virtual void check(const Table& settings, const Organisation* organisation,
                     Problems& problems) const = 0;
  /// The setting without which a channel may take in, but sends nothing; empty when it can send, or
  /// when that setting is wrong.
  [[nodiscard]] virtual std::string needed_to_send(const Table& /*settings*/) const { return {}; }
  virtual Result<std::unique_ptr<Connector>> create(const ChannelName& channel,
                                                    const Table& settings,
                                                    const Surroundings& around) const = 0;
};

/// Those by which offices can be handed reports.
std::vector<HandingKind> handing_kinds();
/// All kinds of kinds.def, in its order.
std::span<const Kind* const> kinds();
/// nullptr when there is none of that name.
const Kind* find_kind(std::string_view name);

}  // namespace kanal
