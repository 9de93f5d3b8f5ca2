<?php
// PHP's xmlrpc extension (the library that forum plugins were written with), driven line by line: a JSON call in, a JSON
// answer out. bridge.ts starts it. Its requests declare iso-8859-1 and break base64 with &#10;.
ini_set('display_errors', 'stderr');
[, $url] = $argv;
$cookies = [];
$signed = null;
$document = '';

function argument($value) {
    if (is_array($value) && array_key_exists('b64', $value)) {
        $text = $value['b64'];
        xmlrpc_set_type($text, 'base64');
        return $text;
    }
    return is_array($value) ? array_map('argument', $value) : $value;
}

function typed($value) {
    switch (xmlrpc_get_type($value)) {
        case 'base64':
            return ['b64' => $value->scalar];
        case 'datetime':
            return ['dt' => $value->scalar];
        case 'struct':
            return (object) array_map('typed', $value);
        case 'array':
            return array_map('typed', $value);
        case 'int':
        case 'boolean':
        case 'string':
            return $value;
    }
    throw new TypeError('an answer of type ' . xmlrpc_get_type($value));
}

function call($url, $method, $params) {
    global $cookies, $signed, $document;
    $headers = ['Content-Type: text/xml'];
    if ($cookies) {
        $headers[] = 'Cookie: ' . implode('; ', array_map(fn($name) => "$name=$cookies[$name]", array_keys($cookies)));
    }
    $http = ['method' => 'POST', 'header' => $headers, 'content' => xmlrpc_encode_request($method, $params)];
    $stream = fopen($url, 'r', false, stream_context_create(['http' => $http]));
    $length = 0;
    foreach (stream_get_meta_data($stream)['wrapper_data'] as $line) {
        if (preg_match('/^set-cookie: ([^=;]+)=([^=;]+)/i', $line, $found)) {
            $cookies[$found[1]] = $found[2];
        } elseif (preg_match('/^mobiquo_is_login: (.*)$/i', $line, $found)) {
            $signed = $found[1];
        } elseif (preg_match('/^content-length: (\d+)$/i', $line, $found)) {
            $length = (int) $found[1];
        }
    }
    // Not up to the end of the stream: PHP asks for no connection to be kept, and the server keeps it a while.
    $answer = stream_get_contents($stream, $length);
    fclose($stream);
    $document = $answer;
    $value = xmlrpc_decode($answer, 'utf-8');
    if ($value === null) {
        return ['broken' => $answer];
    }
    if (is_array($value) && xmlrpc_is_fault($value)) {
        return ['fault' => ['code' => $value['faultCode'], 'text' => $value['faultString']]];
    }
    return ['value' => typed($value)];
}

while (($line = fgets(STDIN)) !== false) {
    $call = json_decode($line, true);
    try {
        $answer = call($url, $call['method'], array_map('argument', $call['params']));
    } catch (Throwable $error) {
        $answer = ['broken' => (string) $error];
    }
    echo json_encode($answer + ['signedIn' => $signed, 'xml' => base64_encode($document)], JSON_UNESCAPED_SLASHES), "\n";
}
