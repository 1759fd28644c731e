#include "store/store.hpp"

#include <sodium.h>

#include "store/inside.hpp"
#include "store/migrations.hpp"

namespace kanal {

namespace {

constexpr sql::Statement k_mark_key{
    "mark_key", "INSERT INTO installation (key_mark) VALUES ($1::bytea) ON CONFLICT DO NOTHING"};
constexpr sql::Statement k_key_mark{"key_mark", "SELECT key_mark = $1::bytea FROM installation"};

// With another key nobody's address could be read again, and no reporter would be known.
Result<> check_key(sql::Pool& pool, const Keys& keys) {
  const auto mac = keys.mac(Purpose::lookup, "this installation");
  const bool ours = TRY(pool.transact([&](sql::Work& work) -> Result<bool> {
    work.run(k_mark_key, sql::Parameters() << mac);
    return sql::truth(work.run(k_key_mark, sql::Parameters() << mac)[0][0]);
  }));
  if (ours) return {};
  return fail(Remedy::reconfigure,
              "The database was written with another installation's key: put the kanal.key of the "
              "bridge that began it (or of its backup) into the data directory");
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Keys& keys,
                                           const Clock& clock) {
  if (sodium_init() < 0) return fail(Remedy::reconfigure, "libsodium does not start");
  if (options.connections == 0) options.connections = 1;
  const auto url = TRY(sql::complete_url(options.url));
  TRY(migrate(url));
  auto inside = std::make_unique<Inside>(std::move(options), url, keys, clock);
  TRY(check_key(inside->pool, keys));
  return std::unique_ptr<Store>(new Store(std::move(inside)));
}

Store::Store(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Store::~Store() = default;

std::uint64_t Store::statements() const {
  return inside_->pool.statements();
}

void Store::on_change(std::function<void(const std::set<ChannelName>&)> wake) {
  inside_->notifier.listen(std::move(wake));
}

}  // namespace kanal
