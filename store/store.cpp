#include "store/store.hpp"

#include <sodium.h>

#include "store/inside.hpp"
#include "store/migrations.hpp"

namespace kanal {

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Keys& keys,
                                           const Clock& clock) {
  if (sodium_init() < 0) return fail(Remedy::reconfigure, "libsodium does not start");
  if (options.connections == 0) options.connections = 1;
  const auto url = TRY(sql::complete_url(options.url));
  TRY(migrate(url));
  return std::unique_ptr<Store>(
      new Store(std::make_unique<Inside>(std::move(options), url, keys, clock)));
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
