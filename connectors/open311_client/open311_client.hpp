#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kind.hpp"
#include "connectors/office.hpp"
#include "connectors/open311_client/requests.hpp"
#include "connectors/open311_client/settings.hpp"
#include "connectors/unpolled.hpp"

namespace kanal::open311_client {

/// An office's own Open311 GeoReport v2 endpoint: reports that are handed over are made requests
/// there, and what becomes of them is asked for. `around` outlives it.
class Open311Client final : public Unpolled,
                            public Follower,
                            public Paced,
                            public Confirmer,
                            public Translator,
                            public Probe {
 public:
  static Result<std::unique_ptr<Open311Client>> create(ChannelName channel, Settings settings,
                                                       const Surroundings& around);

  [[nodiscard]] std::optional<std::chrono::milliseconds> rests_for() const override;
  Result<Batch> follow(std::span<const Outstanding> sent, const Cursor& since,
                       Budget budget) override;
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) override;
  Result<std::optional<Receipt>> confirm(const Reply& reply) override;
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override;
  std::vector<ProbeStep> probe(std::string_view send_to) override;

 private:
  struct Page {
    bool same = false;  ///< as it was when it was asked for last
    std::string tag;
    std::string modified;
    std::vector<SparkRecord> records;
  };
  /// What an address said last, when all of it was known already.
  struct Known {
    std::string tag;
    std::string modified;
  };
  /// A request or token that the other system does not show, or breaks over.
  struct Missing {
    int times = 0;
    Time again_at;
  };
  struct Turn;

  Open311Client(ChannelName channel, Settings settings, const Surroundings& around)
      : channel_(std::move(channel)), settings_(std::move(settings)), around_(around) {}
  [[nodiscard]] HttpCall call_to(std::string_view resource, Fields query) const;
  [[nodiscard]] Result<Page> ask(const HttpCall& call, std::string_view item) const;
  [[nodiscard]] Result<std::vector<SparkRecord>> get(std::string_view resource,
                                                     std::string_view item, Fields query) const;
  [[nodiscard]] Result<HttpReply> post(std::string_view resource, Fields fields) const;
  [[nodiscard]] Result<Receipt> deliver(const Reply& reply) const;
  [[nodiscard]] Result<Receipt> make(const Reply& reply, const std::optional<Name>& earlier) const;
  [[nodiscard]] Result<Receipt> update(const Reply& reply, const OfficeNotice& notice,
                                       const Name& earlier) const;
  [[nodiscard]] Result<std::string> id_of_token(const std::string& token) const;
  void follow_all(Turn& turn);
  void find_ids(Turn& turn);
  [[nodiscard]] HttpCall call_about(Turn& turn, std::span<const std::size_t> some) const;
  void ask_about(Turn& turn, std::span<const std::size_t> some);
  void ask_alone(Turn& turn, std::size_t one);
  [[nodiscard]] bool is_due(const Turn& turn, const std::string& name) const;
  void put_off(const Turn& turn, const std::string& name);
  void weigh(Turn& turn, std::size_t one, const SparkRecord& request);

  ChannelName channel_;
  Settings settings_;
  const Surroundings& around_;
  std::string key_;
  std::optional<Time> ask_at_;
  std::size_t next_ = 0;  ///< where the next turn begins among what was sent
  std::map<std::string, Known> known_;
  std::map<std::string, Missing> missing_;  ///< by id, or by what stands in for one
};

}  // namespace kanal::open311_client
