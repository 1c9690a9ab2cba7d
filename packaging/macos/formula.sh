#!/bin/bash
# Prints the formula with which Homebrew builds Gatelight from its source:
#   formula.sh VERSION URL SHA256
# The URL is that of an archive of the source. An app that is built on the machine
# itself needs no notarization.
set -euo pipefail
[ $# = 3 ] || { echo 'usage: formula.sh VERSION URL SHA256' >&2; exit 64; }
case $1$2$3 in *[\"\\#]*) echo 'formula.sh: a quote, a backslash or a # would be read by Ruby' >&2; exit 64 ;; esac
cat <<EOF
class Gatelight < Formula
  desc "Traffic light of an Interactive Brokers Gateway, in the menu bar"
  homepage "${2%%/releases/*}"
  url "$2"
  version "$1"
  sha256 "$3"
  license "MIT"

  depends_on "go" => :build
  depends_on macos: :monterey

  def install
    system "make", "app", "VERSION=v#{version}"
    prefix.install "dist/Gatelight.app"
    # Not a link: macOS treats a program that is called through one as no app.
    bin.write_exec_script prefix/"Gatelight.app/Contents/MacOS/gatelight"
  end

  def caveats
    <<~EOS
      For the Finder and Spotlight:
        ln -sfn #{opt_prefix}/Gatelight.app ~/Applications/Gatelight.app
      To start at login: gatelight autostart on
    EOS
  end

  test do
    assert_match "gatelight v#{version}", shell_output("#{bin}/gatelight version")
  end
end
EOF
