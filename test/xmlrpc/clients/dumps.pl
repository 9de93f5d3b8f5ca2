# Writes calls as Perl's RPC::XML does: a JSON list of {method, params} in, a JSON list of documents out.
use strict;
use warnings;
use B ();
use Encode qw(encode_utf8);
use JSON::PP;
use RPC::XML;

sub argument {
    my ($value) = @_;
    return RPC::XML::array->new(map { argument($_) } @$value) if ref $value eq 'ARRAY';
    return RPC::XML::base64->new(encode_utf8($value->{b64}))  if ref $value eq 'HASH';
    return RPC::XML::boolean->new($value ? 1 : 0)             if JSON::PP::is_bool($value);
    # JSON::PP keeps numbers and text apart in the flags of the scalar.
    my $flags = B::svref_2object(\$value)->FLAGS;
    return RPC::XML::int->new($value) if $flags & B::SVf_IOK() and not $flags & B::SVf_POK();
    return RPC::XML::string->new($value);
}

my $json = JSON::PP->new->utf8->ascii;
my $calls = $json->decode(do { local $/; <STDIN> });
print $json->encode([
    map { RPC::XML::request->new($_->{method}, map { argument($_) } @{ $_->{params} })->as_string } @$calls
]);
