// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/verify_images.hpp>

namespace binarly {

verdict verdict_of(const failure& why) noexcept {
  const auto& detail = why.detail();
  switch (detail.code) {
    case errc::cancelled:
      return verdict::cancelled;
    case errc::not_found:
    case errc::forbidden:
      break;
    default:
      return verdict::failed;
  }
  // A failure may be anybody's, a user's own token provider's among them.
  if (detail.step == phase::token || detail.answered_by != responder::platform) {
    return verdict::failed;
  }
  return detail.code == errc::not_found ? verdict::missing : verdict::forbidden;
}

}  // namespace binarly
