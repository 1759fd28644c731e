#include "store/inside.hpp"

#include <array>
#include <bit>
#include <cstring>

#include <sodium.h>

#include "core/text.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_most_key_bytes = 400;
constexpr std::size_t k_key_head_bytes = 320;
constexpr char k_unit_separator = '\x1f';
constexpr std::string_view k_office = "\x1eoffice";

std::array<unsigned char, 16> short_hash(std::string_view text) {
  std::array<unsigned char, 16> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return digest;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\v';
}

}  // namespace

Digest Store::Inside::lookup(const ChannelName& channel, std::string_view who) const {
  return keys.mac(Purpose::lookup, channel.value() + '\0' + std::string(who));
}

Digest Store::Inside::lookup(const ChannelName& channel, const HandedTo& office) const {
  return keys.mac(Purpose::lookup, channel.value() + '\0' + "office" + '\0' +
                                       office.agency.value() + '\0' + office.unit.value());
}

Digest Store::Inside::alias(const ChannelName& channel, std::string_view what) const {
  return keys.mac(Purpose::lookup,
                  channel.value() + '\0' + "alias" + '\0' + to_lower_ascii(trim(what)));
}

std::string key_of(const ExternalId& id) {
  const auto& whole = id.value();
  if (whole.size() <= k_most_key_bytes) return sql::clean(whole);
  const auto digest = short_hash(whole);
  std::array<char, 33> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return sql::clean(clip_utf8(whole, k_key_head_bytes)) + "#" + hex.data();
}

std::int64_t text_hash(std::string_view text) {
  std::string squeezed;
  squeezed.reserve(text.size());
  for (const char c : trim(text)) {
    if (!is_space(c)) {
      squeezed += c;
    } else if (!squeezed.ends_with(' ')) {
      squeezed += ' ';
    }
  }
  const auto digest = short_hash(to_lower_ascii(squeezed));
  std::int64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

std::string seal_author(const Keys& keys, const Author& author) {
  std::string plain;
  for (const auto* part :
       {&author.id.value(), &author.handle, &author.name, &author.phone, &author.email}) {
    for (const char c : *part) {
      if (c != k_unit_separator) plain += c;
    }
    plain += k_unit_separator;
  }
  return keys.seal(Purpose::identity, plain);
}

Result<Author> unseal_author(const Keys& keys, std::string_view sealed) {
  const auto plain = TRY(keys.unseal(Purpose::identity, sealed));
  const auto parts = split(plain, k_unit_separator);
  if (parts.size() < 5) return fail(Remedy::drop, "A sealed identity has another form");
  return Author{ExternalId(std::string(parts[0])), std::string(parts[1]), std::string(parts[2]),
                std::string(parts[3]), std::string(parts[4])};
}

Author author_of(const HandedTo& office) {
  Author author;
  author.id = ExternalId(std::string(k_office));
  author.handle = office.agency.value();
  author.name = office.unit.value();
  return author;
}

std::optional<HandedTo> office_of(const Author& author) {
  if (author.id.value() != k_office) return std::nullopt;
  return HandedTo{AgencyId(author.handle), UnitId(author.name)};
}

}  // namespace kanal
