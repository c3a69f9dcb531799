#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# commands.pl FILE...: print each command that these documents tell a user to
# type, once, as it is written there; with --help, also each target of make help.
#
# A command is: make with a target or a variable, anywhere; a program of the
# tree with its arguments, anywhere; any line of a fenced block; and, in an
# indented line or a cell of a list, or between backquotes, what begins with the
# name of a program.
use strict;
use warnings;

my $programs = join '|', map { quotemeta } qw(
	apt apt-get cat cd debsign depmod devlink dkms dnf dpdk-devbind.py dpkg
	dracut driverctl echo git kubectl ls lsinitramfs lspci make makepkg
	mkinitcpio modinfo modprobe mokutil openssl pacman pct pvesh qm reboot
	rm rmmod rpm rpmbuild sudo sysctl systemctl talosctl uname
	update-initramfs virsh yum zypper);

my @rules = map { open(my $file, '<', $_) or die "$_: $!\n"; <$file> } glob 'Makefile *.mk';
my %targets = map { /^([a-z0-9-]+):/ ? ($1 => 1) : () } @rules;
my (%seen, @found);

sub found {
	my ($command) = @_;

	$command =~ s/\s+/ /g;
	$command =~ s/^ | $//g;
	$command =~ s/[.,;:)]+$// unless $command =~ /\.\.\.$/;
	push @found, $command unless $seen{$command}++;
}

# A sentence goes on behind the command.
sub sentence_cut {
	my ($text) = @_;

	$text =~ s/([,;:]|(?<!\.)\.) .*//s;
	$text =~ s/ \(.*//s;
	return $text;
}

# In running text: a known target, or variables, else it is the verb. In a list
# or a block, whatever follows make.
sub find_make {
	my ($text, $any) = @_;

	while ($text =~ /(?<![\w\/-])make((?: -[A-Za-z]\S*)*)((?: [a-z][a-z0-9-]*(?![\w.]))?)((?: [A-Z][A-Z0-9_]*=(?:"[^"]*"|[^\s,;:)"']+))*)/g) {
		my ($options, $target, $variables) = ($1, $2, $3);
		my ($name) = $target =~ /(\S+)/;

		$variables =~ s/(?<!\.)\.$//;
		$target = '' if $name && !$targets{$name} && !$any;
		found("make$options$target$variables") if $target || $variables;
	}
}

sub find_program {
	my ($text) = @_;

	while ($text =~ /(?<![\w\/.])((?:scripts|tests)\/[\w\/.-]*[\w])/g) {
		my $path = $1;

		next unless -f $path && -x _;
		my $rest = substr($text, pos($text));
		# Its arguments: options and what follows them.
		my ($arguments) = $rest =~ /^((?: (?:-\S+|[A-Z]{3,}|(?<=-[a-z] )\S+|[a-z]+=\S+|\w+_test|\w+_bench))*)/;
		found($path . sentence_cut($arguments));
	}
}

sub read_document {
	my ($name) = @_;

	open(my $file, '<', $name) or die "$name: $!\n";
	my $text = join '', <$file>;

	# A command that goes on in the next line: nothing but NAME=VALUE there.
	$text =~ s/(\S)\n +((?:[a-z]+=\S+ ?)+)\n/$1 $2\n/g;

	while ($text =~ s/^```\w*\n(.*?)^```$//ms) {
		for my $line (split /\n/, $1) {
			$line =~ s/ +# .*//;
			found($line =~ s/^\$ //r) if $line =~ /\S/ && $line !~ /^#/;
		}
	}
	for my $line (split /\n/, $text) {
		my @cells = $line =~ /^\s/ ? split(/\s{2,}/, $line =~ s/^\s+//r) : ();

		push @cells, $line =~ /`([^`]+)`/g;
		for my $cell (@cells) {
			if ($cell =~ /^make /) {
				# Of a list: a name and nothing else, or the start of a line.
				find_make($cell, $cell =~ /^make [\w-]+$/);
			} elsif ($cell =~ /^(?:$programs) \S/) {
				found(sentence_cut($cell));
			}
		}
	}
	$text =~ s/\s+/ /g;
	find_make($text, 0);
	find_program($text);
}

my $help = @ARGV && $ARGV[0] eq '--help' ? shift : '';
read_document($_) for @ARGV;
if ($help) {
	/^([a-z0-9-]+):.*##/ && found("make $1") for @rules;
}
print "$_\n" for @found;
