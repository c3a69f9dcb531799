#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel_crcs.pl MODULE SYMVERS: give the exports of a mock module the version
# CRCs that SYMVERS, of the kernel, has for the same symbols, so that it can take
# the place of the module of the kernel under drivers built for that one. The
# CRCs differ only because types that are private to the kernel's are not known
# to the mock; all that drivers see comes from the same headers.
use strict;
use warnings;

my ($module, $symvers) = @ARGV;
my %crc;

open(my $fh, '<', $symvers) or die "$symvers: $!\n";
while (<$fh>) {
	$crc{$2} = hex($1) if /^0x([0-9a-f]+)\t(\S+)/;
}
close($fh);

for my $section ('__kcrctab', '__kcrctab_gpl') {
	my $file = "$module.$section";
	my ($patched, $data) = (0);

	my @symbols = grep { / \Q$section\E\t/ } `objdump -t '$module'`;
	next unless grep { /__crc_/ } @symbols;
	system('objcopy', '--dump-section', "$section=$file", $module) == 0
		or die "$module: no section $section\n";
	open(my $in, '<:raw', $file) or die "$file: $!\n";
	{ local $/; $data = <$in>; }
	close($in);
	for (@symbols) {
		next unless /^([0-9a-f]+) .* __crc_(\S+)$/ && $crc{$2};
		substr($data, hex($1), 4) = pack('V', $crc{$2});
		$patched++;
	}
	open(my $out, '>:raw', $file) or die "$file: $!\n";
	print $out $data;
	close($out);
	system('objcopy', '--update-section', "$section=$file", $module) == 0
		or die "$module: can not write $section\n";
	unlink($file);
}
