#include "router/quarantine.hpp"

#include "config/keys.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/post_json.hpp"

namespace kanal {

namespace {

// Posts without a raw form of their own are kept in ours.
Result<Batch> translate(const QuarantineRecord& record, const Translator& translator) {
  if (!record.payload.starts_with("{\"channel\"")) return translator.translate(record.payload);
  PostReader reader;
  auto labelled = TRY(reader.read(record.payload));
  Batch batch;
  batch.posts.push_back(std::move(labelled.post));
  return batch;
}

}  // namespace

Result<Ingested> replay(Store& store, Intake& intake, QuarantineId id,
                        const Translator& translator) {
  const auto record = TRY(store.quarantined(id));
  if (!record) return fail(Remedy::drop, "there is no such message in quarantine");
  auto batch = TRY(translate(*record, translator));
  if (!batch.unreadable.empty()) return fail(Remedy::drop, batch.unreadable.front().reason);
  if (batch.posts.empty() && batch.signals.empty()) {
    return fail(Remedy::drop, "there is no post in it");
  }
  batch.next = {};
  auto ingested = TRY(intake.ingest(record->channel, std::move(batch), std::nullopt));
  if (ingested.quarantined > 0) {
    return fail(Remedy::drop, ingested.filings.empty() ? "it could not be stored"
                                                       : ingested.filings.front().reason);
  }
  TRY(store.mark_replayed(id));
  return ingested;
}

}  // namespace kanal
