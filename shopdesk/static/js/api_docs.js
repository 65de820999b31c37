// Shows the API's description; the page names the document, the deferred bundle has run before any module that waits for it.
const place = document.getElementById("api-docs");

function show() {
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    validatorUrl: null, // nothing is sent to anybody else
    persistAuthorization: false, // a token stays in this page only
    syntaxHighlight: false,
    tryItOutEnabled: true,
  });
}

if (window.SwaggerUIBundle) show();
else document.addEventListener("DOMContentLoaded", show);
