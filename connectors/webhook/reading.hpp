#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/webhook/settings.hpp"
#include "format/json.hpp"

namespace kanal::webhook {

/// No line of a complaint, and no key of a message, is longer.
inline constexpr std::size_t k_most_line_bytes = 300;
inline constexpr std::size_t k_most_id_bytes = 200;

/// The fields of a complaint's body, where the paths say. Both outlive it.
class Reading {
 public:
  Reading(const Json& body, const FieldPaths& paths) : body_(body), paths_(paths) {}

  /// A text, or a number or truth as one, mended and cut; empty when there is none.
  [[nodiscard]] std::string text(std::string_view path, std::size_t most_bytes) const;
  [[nodiscard]] std::string line(std::string_view path) const;
  [[nodiscard]] bool truth(std::string_view path) const;
  /// Within `most` of 0.
  [[nodiscard]] std::optional<double> degrees(std::string_view path, double most) const;
  /// What the author is known by: what the form says, else an address or a number that was left,
  /// else the message itself.
  [[nodiscard]] std::string author(std::string_view message_id) const;
  /// What a complaint cannot do without; empty: nothing.
  [[nodiscard]] std::string missing() const;
  [[nodiscard]] std::vector<FieldNote> explain() const;

 private:
  [[nodiscard]] const Json* at(std::string_view path) const;
  [[nodiscard]] std::string problem(std::string_view becomes, std::string_view path) const;
  void leaves(const Json& value, const std::string& path, std::vector<FieldNote>& notes) const;

  const Json& body_;
  const FieldPaths& paths_;
};

}  // namespace kanal::webhook
