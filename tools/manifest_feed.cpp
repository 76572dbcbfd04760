// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest_feed.hpp"

#include "tools/text.hpp"

#include <utility>

namespace binarly::tools {

namespace {
constexpr std::size_t batch = 256;
}

manifest_feed::manifest_feed(const std::string& path, const manifest_options& options)
    : name_("manifest " + (path == "-" ? "on standard input" : printable(path))),
      file_(path),
      stream_(&file_),
      reader_(stream_, options) {}

void manifest_feed::read() noexcept {
  try {
    do {
      auto row = reader_.next();
      if (!row) {
        ended_ = true;
        return;
      }
      rows_.push_back(std::move(*row));
    } while (rows_.size() < batch && reader_.has_line());
  } catch (const read_interrupted&) {
    ended_ = true;
  } catch (const manifest_error& error) {
    ended_ = true;
    error_ = name_ + ", " + error.what();
  } catch (const std::exception& error) {
    ended_ = true;
    error_ = error.what();
  }
}

std::string manifest_feed::ignored() const {
  const auto& names = reader_.ignored();
  return names.empty() ? std::string() : name_ + ": passed over " + names.text();
}

std::optional<manifest_row> manifest_feed::take() {
  if (rows_.empty()) return std::nullopt;
  std::optional<manifest_row> row(std::move(rows_.front()));
  rows_.pop_front();
  return row;
}

}  // namespace binarly::tools
