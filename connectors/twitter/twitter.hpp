#pragma once

#include <memory>

#include "connectors/kind.hpp"
#include "connectors/twitter/settings.hpp"

namespace kanal::twitter {

/// An X (Twitter) account as a channel: posts that call it are read, and answered where they
/// stand. `around` outlives it.
class Twitter final : public Connector,
                      public Translator,
                      public Confirmer,
                      public Backfill,
                      public Metered,
                      public Paced,
                      public Rechecker,
                      public Previewer,
                      public Probe {
 public:
  /// The error: a secret cannot be read.
  static Result<std::unique_ptr<Twitter>> create(ChannelName channel, Settings settings,
                                                 const Surroundings& around);
  ~Twitter() override;

  Result<Batch> poll(const Cursor& since, Budget budget) override;
  Result<> committed(const Batch& batch) override;
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  Result<std::optional<Receipt>> confirm(const Reply& reply) override;
  /// By the recent search, which goes back seven days; an hour a batch.
  Result<Batch> backfill(const Stretch& stretch, const Cursor& since, Budget budget) override;
  /// Of the credential: all channels that use it are in it.
  [[nodiscard]] Usage usage() const override;
  void recall(const ChannelName& channel, const Cursor& stored) override;
  void recall_apart(const ChannelName& channel, const Cursor& used) override;
  [[nodiscard]] Cursor used_apart() const override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> rests_for() const override;
  [[nodiscard]] Wish wanted(const Cursor& since) const override;
  /// What X answers for with "resource-not-found" was deleted (X API v2, "Partial errors").
  Result<Batch> recheck(const Cursor& since, std::span<const ExternalId> ids) override;
  [[nodiscard]] std::vector<Appearance> preview(const Reply& reply) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Inside;
  explicit Twitter(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

WrongSettings wrong_settings(const Settings& settings);

}  // namespace kanal::twitter
