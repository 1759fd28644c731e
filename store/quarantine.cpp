#include "store/quarantine.hpp"

#include "store/file_columns.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

// Under the number that rows.hpp names.
constexpr Statement k_insert_quarantined_files{
    "insert_quarantined_files",
    "INSERT INTO attachment (post, position, name, type, size_bytes, sha256)"
    " SELECT -q.id, u.position, u.name, u.type, u.size_bytes, u.sha256"
    " FROM unnest($2::text[], $3::bytea[], $4::integer[], $5::text[], $6::text[], $7::bigint[],"
    " $8::text[]) AS u (external_id, payload_hash, position, name, type, size_bytes, sha256)"
    " JOIN quarantine AS q ON q.channel = $1::text AND q.external_id = u.external_id"
    "  AND q.payload_hash = u.payload_hash ON CONFLICT DO NOTHING"};

constexpr Statement k_insert_quarantine{
    "insert_quarantine",
    "INSERT INTO quarantine (channel, external_id, reason, payload_hash, payload, size_bytes, at,"
    " quiet)"
    " SELECT $1::text, u.external_id, u.reason, u.payload_hash, u.payload, u.size_bytes,"
    " $2::timestamptz, $8::boolean"
    " FROM unnest($3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[])"
    " AS u (external_id, reason, payload_hash, payload, size_bytes)"
    " ORDER BY u.external_id, u.payload_hash"
    " ON CONFLICT (channel, external_id, payload_hash) DO NOTHING"};

void write_files(Store::Inside& inside, sql::Work& work, const IntakeBatch& batch) {
  Column external_id(Type::text), hash(Type::bytes);
  FileColumns files;
  for (const auto& filed : batch.filed) {
    if (filed.fate != Fate::quarantined || filed.post.attachments.empty()) continue;
    const auto mac = inside.keys.mac(Purpose::payload, filed.post.payload);
    for (std::size_t i = 0; i < filed.post.attachments.size(); ++i) {
      external_id.add(key_of(filed.post.id));
      hash.add(mac);
    }
    files.add(filed.post.attachments);
  }
  if (external_id.empty()) return;
  work.run(k_insert_quarantined_files, Parameters() << batch.channel.value() << external_id << hash
                                                    << files.position << files.name << files.type
                                                    << files.size_bytes << files.sha256);
}

}  // namespace

void write_quarantine(Store::Inside& inside, sql::Work& work, const IntakeBatch& batch, Time now) {
  Column external_id(Type::text), reason(Type::text), hash(Type::bytes), payload(Type::bytes),
      size_bytes(Type::bigint);
  const auto add = [&](const ExternalId& id, std::string_view why, const std::string& raw) {
    external_id.add(key_of(id));
    reason.add(why);
    hash.add(inside.keys.mac(Purpose::payload, raw));
    payload.add(inside.keys.seal(Purpose::payload, raw));
    size_bytes.add(static_cast<std::int64_t>(raw.size()));
  };
  for (const auto& unreadable : batch.unreadable) {
    add(unreadable.id, unreadable.reason, unreadable.payload);
  }
  for (const auto& filed : batch.filed) {
    if (filed.fate == Fate::quarantined) add(filed.post.id, filed.reason, filed.post.payload);
  }
  if (external_id.empty()) return;
  work.run(k_insert_quarantine, Parameters()
                                    << batch.channel.value() << now << external_id << reason << hash
                                    << payload << size_bytes << batch.quiet);
  write_files(inside, work, batch);
}

}  // namespace kanal
