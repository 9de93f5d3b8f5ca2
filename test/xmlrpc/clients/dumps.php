<?php
// Writes calls as PHP's xmlrpc extension does: a JSON list of {method, params} in, a JSON list of documents out.
function argument($value) {
    if (is_array($value) && array_key_exists('b64', $value)) {
        $text = $value['b64'];
        xmlrpc_set_type($text, 'base64');
        return $text;
    }
    return is_array($value) ? array_map('argument', $value) : $value;
}

$document = fn($call) => xmlrpc_encode_request($call['method'], array_map('argument', $call['params']));
echo json_encode(array_map($document, json_decode(stream_get_contents(STDIN), true)), JSON_UNESCAPED_SLASHES);
