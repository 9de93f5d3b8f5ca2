# Perl's RPC::XML, driven line by line: a JSON call in, a JSON answer out. bridge.ts starts it.
# Answers are told by the type that the library read off the wire, not by what Perl makes of the value.
use strict;
use warnings;
use JSON::PP;
use RPC::XML;
use RPC::XML::Client;
use MIME::Base64;
use Encode qw(encode_utf8 decode_utf8);

$| = 1;
my $json   = JSON::PP->new->canonical->utf8->ascii;
my $client = RPC::XML::Client->new($ARGV[0]);
my ($signed, $document);
$client->useragent->cookie_jar({});
$client->useragent->add_handler(response_done => sub { $signed = seen($_[0]); return });

# The library reads an answer piece by piece and keeps none of it.
$client->useragent->add_handler(response_header => sub { $document = ''; return });
$client->useragent->add_handler(response_data => sub { $document .= $_[3]; return 1 });

# The library turns "_" into "-" in the names that it is asked for, so the header is looked for by hand.
sub seen {
    return $_[0]->headers->as_string =~ /^Mobiquo_is_login: (.*)$/mi ? $1 : undef;
}

sub argument {
    my ($value) = @_;
    return RPC::XML::array->new(map { argument($_) } @$value) if ref $value eq 'ARRAY';
    return RPC::XML::base64->new(encode_utf8($value->{b64}))  if ref $value eq 'HASH';
    return RPC::XML::boolean->new($value ? 1 : 0)             if JSON::PP::is_bool($value);
    # JSON::PP keeps numbers and text apart in the flags of the scalar.
    my $flags = B::svref_2object(\$value)->FLAGS;
    return RPC::XML::int->new($value) if $flags & B::SVf_IOK() and not $flags & B::SVf_POK();
    return RPC::XML::string->new(encode_utf8($value));
}

sub typed {
    my ($node) = @_;
    my $type = $node->type;
    if ($type eq 'struct') { return { map { $_ => typed($node->{$_}) } keys %$node } }
    if ($type eq 'array') { return [ map { typed($_) } @$node ] }
    if ($type eq 'base64') { return { b64 => decode_utf8($node->value) } }
    if ($type eq 'dateTime.iso8601') { return { dt => $node->value } }
    if ($type eq 'boolean') { return $node->value ? JSON::PP::true : JSON::PP::false }
    if ($type eq 'int') { return 0 + $node->value }
    if ($type eq 'string') { return decode_utf8($node->value) }
    die "an answer of type $type\n";
}

use B ();
while (my $line = <STDIN>) {
    my $call   = $json->decode($line);
    my $got    = $client->send_request($call->{method}, map { argument($_) } @{ $call->{params} });
    my $answer = eval {
        !ref $got        ? { broken => $got }
        : $got->is_fault ? { fault  => { code => 0 + $got->code, text => $got->string } }
        :                  { value => typed($got) };
    } || { broken => $@ };
    $answer->{signedIn} = $signed;
    $answer->{xml}      = encode_base64($document, '');
    print $json->encode($answer), "\n";
}
