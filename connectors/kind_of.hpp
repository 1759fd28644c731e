#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/kind.hpp"
#include "core/language.hpp"

// The kinds of kinds.def, and what their kind.cpp are written with.
namespace kanal {

#define KANAL_KIND(name) const Kind& name##_kind();
#include "connectors/kinds.def"
#undef KANAL_KIND

/// What is wrong with settings of which some may be told of already: each key is told of once, and
/// nothing where a choice between ways is wrong, on which it hangs what else is needed.
void add_wrong(const Table& table, const Description& description, WrongSettings wrong,
               Problems& problems);

/// A kind whose channels are set by one `Settings` and made of it once nothing is wrong with it.
template <class Settings>
class KindOf : public Kind {
 public:
  /// What is the kind's own.
  struct Own {
    std::string_view name;
    std::string_view about;
    std::string_view title_id;
    std::string_view title_en = title_id;
    Manner manner = {};
    /// As Kind::needed_to_send; empty: it can send.
    std::function<std::string_view(const Settings&)> needed_to_send = {};
    /// Of settings that are in bounds; what is not has its default. Empty: then nothing is wrong.
    std::function<WrongSettings(const Settings&)> wrong = {};
    std::function<Result<std::unique_ptr<Connector>>(const ChannelName&, Settings,
                                                     const Surroundings&)>
        make;
  };
  explicit KindOf(Own own) : own_(std::move(own)) {}

  [[nodiscard]] std::string_view name() const final { return own_.name; }
  [[nodiscard]] std::string_view about() const final { return own_.about; }
  [[nodiscard]] std::string_view title(std::string_view language) const final {
    return pick(language, own_.title_id, own_.title_en);
  }
  [[nodiscard]] Manner manner() const final { return own_.manner; }
  [[nodiscard]] Description settings() const final { return described<Settings>(); }
  void check(const Table& table, const Organisation* organisation, Problems& problems) const final {
    read_checked(table, organisation, problems);
  }
  [[nodiscard]] std::string needed_to_send(const Table& table) const final {
    Problems problems;
    const auto settings = read_checked(table, nullptr, problems);
    if (!own_.needed_to_send) return {};
    const std::string key(own_.needed_to_send(settings));
    return is_told(problems, table.problem(key, {})) ? std::string() : key;
  }
  Result<std::unique_ptr<Connector>> create(const ChannelName& channel, const Table& table,
                                            const Surroundings& around) const final {
    Problems problems;
    auto settings = read_checked(table, &around.organisation, problems);
    if (!problems.empty()) return fail(Remedy::reconfigure, print(problems));
    return own_.make(channel, std::move(settings), around);
  }

 private:
  virtual Settings read_checked(const Table& table, const Organisation* /*organisation*/,
                                Problems& problems) const {
    auto settings = read<Settings>(table, problems);
    if (own_.wrong) add_wrong(table, this->settings(), own_.wrong(settings), problems);
    return settings;
  }

  Own own_;
};

}  // namespace kanal
